"""Which release a rollback goes back to, by what the ledger tells."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promotion.ledger.record import Record
from promotion.plan.earlier import before


def records(*told):
    """Return records, the newest first, of words such as "apply A", the oldest first."""
    found = []
    for words in told:
        kind, digest = words.split()
        found.append(Record(kind, "", "", "333333333333", "dev", release_digest=digest))
    return found[::-1]


def test_before__nothing_recorded__is_none():
    assert before([], "A") is None


@pytest.mark.parametrize(
    ("told", "live", "expected"),
    [
        (["apply A"], "A", None),
        (["apply A", "apply B"], "B", "A"),
        (["apply A", "apply B", "apply B"], "B", "A"),
        (["apply A", "apply B", "rollback A"], "A", None),
        (["apply A", "apply B", "apply C", "rollback B"], "B", "A"),
        (["apply A", "apply B", "rollback A", "apply C"], "C", "A"),
        (["apply A", "apply B", "rollback A", "apply A"], "A", None),
        # What is live was applied by somebody who left no record.
        (["apply A", "apply B"], "X", "B"),
        # A rollback by --to, to what had never been applied.
        (["apply A", "rollback X"], "X", "A"),
    ],
)
def test_before__a_history__is_what_was_live(told, live, expected):
    found = before(records(*told), live)
    assert (found.release_digest if found else None) == expected


def stack(told):
    """Return what each apply put on top of what, as a stack: the independent derivation."""
    found = []
    for words in told:
        kind, digest = words.split()
        if kind == "rollback":
            while found[-1] != digest:
                found.pop()
        elif not found or found[-1] != digest:
            found.append(digest)
    return found


@st.composite
def histories(draw):
    """Draw applies, and rollbacks to the release that was live before."""
    told = []
    for step in draw(st.lists(st.sampled_from("ABCD<"), min_size=1, max_size=20)):
        under = stack(told)
        if step != "<" and step not in under[:-1]:
            told.append(f"apply {step}")
        elif step == "<" and len(under) > 1:
            told.append(f"rollback {under[-2]}")
    return told


@settings(deadline=None)
@given(histories())
def test_before__any_history__is_what_lies_under_the_live_release(told):
    under = stack(told)
    if not under:
        return
    found = before(records(*told), under[-1])
    assert (found.release_digest if found else None) == (under[-2] if len(under) > 1 else None)
