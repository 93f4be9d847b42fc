"""Brings an account to a plan, and does nothing else.

The only package that writes pipelines and code objects. `promotion.apply.stage` checks that the
plan still holds, then hands its actions, in order, to an executor: the real one or the one that
only tells.
"""
