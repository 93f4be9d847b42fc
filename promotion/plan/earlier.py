"""Which release a rollback goes back to.

Reads environment files; calls SageMaker DescribePipeline (and ListTags for a pipeline without our
mark) in the environment's account,
and DynamoDB Query in the registry account, all under plan roles. Writes nothing.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from promotion.aws.ledger import LedgerItems
from promotion.aws.pipelines import Pipelines
from promotion.aws.session import Accounts
from promotion.config import WorkloadEnvironment, load_registry, load_workload
from promotion.errors import ConfigError, RemoteError
from promotion.history.stage import Filter, Ledger
from promotion.ledger.record import Record
from promotion.plan.ownership import RELEASE
from promotion.plan.remote import read_pipelines, states_of

APPLIED = "applied"
_KINDS = frozenset({"apply", "rollback"})
_DIGITS = 7


def find_earlier(root: Path, environment: str, use_case: str, *, accounts: Accounts) -> str:
    """Return the digest of the release that was live before the one that is.

    Args:
        root: top folder of the project.
        environment: name of the environment.
        use_case: name of the use case.
        accounts: opens sessions.

    Raises:
        ConfigError: the environment does not run the use case, nothing of it is live, several
            releases are, or no earlier release is recorded.
        RemoteError: the account or the ledger cannot be read.
    """
    workload = load_workload(root, environment)
    live = _live(workload, use_case, accounts)
    found = before(_recorded(root, environment, use_case, accounts), live)
    if found is None:
        raise ConfigError(
            f"the ledger has no earlier release of {use_case} in {environment} than {live[:12]}, "
            "which is live",
            hint="name one with --to DIGEST, or promote one with promote plan",
        )
    return found.release_digest


def before(newest_first: Iterable[Record], live: str) -> Record | None:
    """Return the record of what was live before a release was applied; None without one.

    A release that was rolled back from is passed over: after A, B and a rollback to A, what was
    before A is asked for, not B.

    Args:
        newest_first: records of what was applied to one use case in one environment.
        live: digest of the release that is live.
    """
    candidate: Record | None = None
    applied = False
    for record in newest_first:
        if record.release_digest == live:
            candidate, applied = None, record.kind == "apply"
        elif candidate is None:
            if applied:
                return record
            candidate = record
    return candidate


def check_digest(text: str) -> str:
    """Return what was given with `--to` when it may be a digest.

    Raises:
        ConfigError: it is none, or too short.
    """
    if len(text) < _DIGITS or not set(text) <= set("0123456789abcdef"):
        raise ConfigError(
            f"--to {text!r} is no digest of a release",
            hint=f"give at least {_DIGITS} of its hexadecimal digits",
        )
    return text


def _live(environment: WorkloadEnvironment, use_case: str, accounts: Accounts) -> str:
    case = environment.use_cases.get(use_case)
    if case is None:
        raise ConfigError(
            f"environment {environment.environment} has no use case {use_case}",
            hint=f"it has: {', '.join(sorted(environment.use_cases)) or 'none'}",
        )
    session = accounts.open(environment, environment.plan_role_arn)
    pipelines = Pipelines(session.sagemaker, session.account_id)
    states = states_of(pipelines, read_pipelines(pipelines, case.pipelines.values()))
    found = sorted({state.tags[RELEASE] for state in states.values() if RELEASE in state.tags})
    if len(found) == 1:
        return found[0]
    if not found:
        raise ConfigError(
            f"no release of {use_case} is live in {environment.environment}",
            hint=f"promote one: promote plan {environment.environment} --use-case {use_case}",
        )
    raise ConfigError(
        f"the pipelines of {use_case} in {environment.environment} are of several releases: "
        f"{', '.join(digest[:12] for digest in found)}",
        hint="say which release shall be live: --to DIGEST",
    )


def _recorded(root: Path, environment: str, use_case: str, accounts: Accounts) -> Iterator[Record]:
    registry = load_registry(root)
    try:
        session = accounts.open(registry, registry.plan_role_arn)
        items = LedgerItems(session.dynamodb, session.account_id, registry.ledger.table)
        ledger = Ledger(registry, items, session.caller_arn)
        for line in ledger.each(Filter(environment, use_case)):
            record = line.record
            if record.kind in _KINDS and record.outcome == APPLIED and record.release_digest:
                yield record
    except RemoteError as error:
        error.hint = "; ".join(filter(None, (error.hint, "or name the release with --to DIGEST")))
        raise
