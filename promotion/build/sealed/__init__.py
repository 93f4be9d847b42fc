"""Runs a use case's pipeline modules where nothing can be reached and nothing varies.

`python -m promotion.build.sealed REQUEST RESULT` is started by `promotion.build.obtain` in a
fresh interpreter with a minimal environment. It imports standard library and botocore only, until
the use case imports more.
"""
