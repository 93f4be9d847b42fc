"""Errors of the authorization core."""

from __future__ import annotations


class PolicyError(Exception):
    """A policy that AWS would refuse, or that uses what the sandbox does not evaluate.

    Attributes:
        policy: Name of the policy; empty until the parser of the whole policy adds it.
        problem: What is wrong, with the place inside the policy.
    """

    def __init__(self, problem: str, policy: str = "") -> None:
        self.policy = policy
        self.problem = problem
        super().__init__(f"policy {policy}: {problem}" if policy else problem)
