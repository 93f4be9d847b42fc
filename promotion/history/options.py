"""The options of `promote history`, checked before anything is called. Pure."""

import re
from datetime import UTC, datetime

from promotion.errors import ConfigError
from promotion.history.stage import Filter
from promotion.ledger.moments import timestamp
from promotion.ledger.record import KINDS
from promotion.ledger.verify import Head

_HEAD = re.compile(r"([1-9]\d{0,11}):([0-9a-f]{64})")


def filter_of(environment: str, use_case: str, kind: str, since: str, limit: int) -> Filter:
    """Return the filter that the options mean.

    Raises:
        ConfigError: there is no such kind, or the time is none.
    """
    if kind and kind not in KINDS:
        raise ConfigError(f"there is no kind {kind!r}", hint=f"kinds: {', '.join(KINDS)}")
    return Filter(environment, use_case, kind, _moment(since) if since else "", limit)


def head_of(text: str) -> Head | None:
    """Return the head that was noted; None without one.

    Raises:
        ConfigError: the text is no head.
    """
    if not text:
        return None
    match = _HEAD.fullmatch(text)
    if match is None:
        raise ConfigError(
            f"--expect {text!r} is no head of the ledger",
            hint="give what promote history --verify printed: ENTRY:DIGEST",
        )
    return Head(int(match[1]), match[2])


def check_together(
    chosen: Filter,
    usual_limit: int,
    *,
    as_json: bool,
    as_csv: bool,
    verify: bool,
    noted: Head | None,
) -> None:
    """Check that the options go together.

    Raises:
        ConfigError: they do not.
    """
    if as_json and as_csv:
        raise ConfigError("--json and --csv exclude each other")
    if noted and not verify:
        raise ConfigError("--expect goes with --verify only")
    if verify and (as_csv or chosen != Filter(limit=usual_limit)):
        raise ConfigError(
            "--verify checks the whole ledger: filters, --limit and --csv do not go with it"
        )


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(
            f"--since {text!r} is no time", hint="give a date or an ISO time, such as 2026-01-31"
        ) from error
    return timestamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
