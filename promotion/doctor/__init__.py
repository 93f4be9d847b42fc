"""Checks of an account: what has to be right before promotions work there. One check a file.

Reads the environment files and asks the accounts; writes probes only, and takes them away again.
"""
