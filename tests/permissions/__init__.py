"""Attacks on one estate, and the recorded proof of its permissions.

A package, so that the estate lives as long as these tests and no longer: one process runs one
sandbox at a time.
"""
