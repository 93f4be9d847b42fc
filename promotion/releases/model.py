"""What the ledger knows of releases, as data. Reads, writes and calls nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

TRAIN, INFERENCE = "train", "inference"


@dataclass(frozen=True)
class Withdrawal:
    """That a release must not be promoted any more.

    Attributes:
        at: when it was said, UTC.
        actor: ARN of who said it.
        reason: why.
    """

    at: str
    actor: str
    reason: str


@dataclass(frozen=True)
class Evidence:
    """What a release has shown in an environment.

    Attributes:
        demanded: keys of the pipelines that have to have succeeded, sorted.
        missing: those that have not, sorted.
    """

    demanded: tuple[str, ...]
    missing: tuple[str, ...]


def demanded_pipelines(keys: Iterable[str], *, model_approved: bool) -> tuple[str, ...]:
    """Return the keys of the pipelines that have to have succeeded, sorted.

    Inference cannot succeed before a model is approved. A use case without a pipeline `train` has
    to have run all that it has.

    Args:
        keys: keys of the use case's pipelines.
        model_approved: whether its model package group has an approved version.
    """
    known = set(keys)
    demanded = {TRAIN} if TRAIN in known else known - {INFERENCE}
    if model_approved:
        demanded |= known & {INFERENCE}
    return tuple(sorted(demanded))


def withdrawal_token(use_case: str, digest: str) -> str:
    """Return what a withdrawal is called, so that it is written once."""
    return f"withdrawal/{use_case}/{digest}"
