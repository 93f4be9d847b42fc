"""The check of the chain: whatever is done to one item of the ledger is found."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promotion.ledger.chain import Entry, Receipt, digest_of, next_entry
from promotion.ledger.record import Record, canonical
from promotion.ledger.verify import Fault, Head, verify

Chain = tuple[list[Entry], list[Receipt]]
WriteChain = Callable[[Sequence[str]], Chain]

# The fixture only makes functions: it is the same for every example.
PROPERTY = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
REASONS = st.lists(st.text(max_size=12), min_size=1, max_size=8)


@PROPERTY
@given(reasons=st.lists(st.text(max_size=12), max_size=8), data=st.data())
def test_verify__ledger_as_written__is_whole(
    chain: WriteChain, reasons: list[str], data: st.DataObject
) -> None:
    entries, receipts = chain(reasons)
    assert verify(entries, data.draw(st.permutations(receipts))) == ()
    for entry in entries:
        assert verify(entries, receipts, Head(entry.sequence, entry.digest)) == ()


@PROPERTY
@given(reasons=REASONS, data=st.data())
def test_verify__one_item_removed__is_found(
    chain: WriteChain, reasons: list[str], data: st.DataObject
) -> None:
    entries, receipts = chain(reasons)
    items = data.draw(st.sampled_from((entries, receipts)))
    del items[data.draw(st.integers(0, len(items) - 1))]
    assert verify(entries, receipts) != ()


@PROPERTY
@given(reasons=REASONS, data=st.data())
def test_verify__one_field_altered__is_found(
    chain: WriteChain, reasons: list[str], data: st.DataObject
) -> None:
    entries, receipts = chain(reasons)
    items: list[Any] = data.draw(st.sampled_from((entries, receipts)))
    index = data.draw(st.integers(0, len(items) - 1))
    name = data.draw(st.sampled_from(sorted(vars(items[index]))))
    value = getattr(items[index], name)
    other = data.draw(
        st.integers(0, 20).filter(lambda n: n != value)
        if isinstance(value, int)
        else st.text(max_size=80).filter(lambda text: text != value)
    )
    items[index] = replace(items[index], **{name: other})
    assert verify(entries, receipts) != ()


@PROPERTY
@given(reasons=REASONS, data=st.data())
def test_verify__one_character_of_a_text_altered__is_found(
    chain: WriteChain, reasons: list[str], data: st.DataObject
) -> None:
    entries, receipts = chain(reasons)
    index = data.draw(st.integers(0, len(entries) - 1))
    body = entries[index].body
    place = data.draw(st.integers(0, len(body) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda one: one != body[place]))
    entries[index] = replace(entries[index], body=body[:place] + letter + body[place + 1 :])
    assert verify(entries, receipts) != ()


@PROPERTY
@given(reasons=st.lists(st.text(max_size=12), min_size=2, max_size=8), data=st.data())
def test_verify__two_entries_swapped__is_found(
    chain: WriteChain, reasons: list[str], data: st.DataObject
) -> None:
    entries, receipts = chain(reasons)
    places = st.lists(st.integers(0, len(entries) - 1), min_size=2, max_size=2, unique=True)
    first, second = data.draw(places)
    one, other = entries[first], entries[second]
    reordered = list(entries)
    reordered[first], reordered[second] = other, one
    assert verify(reordered, receipts) != ()
    # In the table the place is the key: whoever swaps leaves the keys where they are.
    entries[first] = replace(other, sequence=one.sequence)
    entries[second] = replace(one, sequence=other.sequence)
    assert verify(entries, receipts) != ()


@PROPERTY
@given(reasons=REASONS, data=st.data())
def test_verify__record_rewritten_with_its_digest__is_found(
    chain: WriteChain, reasons: list[str], data: st.DataObject
) -> None:
    """A forger who knows the form of an entry is still betrayed by what names it."""
    entries, receipts = chain(reasons)
    index = data.draw(st.integers(0, len(entries) - 1))
    document = json.loads(entries[index].body)
    document["record"]["reason"] += "!"
    body = canonical(document)
    entries[index] = Entry(entries[index].sequence, digest_of(body), body)
    assert verify(entries, receipts) != ()


@PROPERTY
@given(reasons=st.lists(st.text(max_size=12), max_size=8))
def test_verify__entry_appended_without_a_receipt__is_found(
    chain: WriteChain, record: Callable[..., Record], reasons: list[str]
) -> None:
    entries, receipts = chain(reasons)
    last = entries[-1] if entries else None
    entries.append(next_entry(last, record(), "forged", "2026-01-03T00:00:00.000000Z"))
    assert verify(entries, receipts) == (Fault(len(entries), "its receipt is missing"),)


def test_verify__newest_entry_and_receipt_gone__is_found_by_a_noted_head(chain: WriteChain) -> None:
    entries, receipts = chain(["one", "two", "three"])
    head = Head(3, entries[2].digest)
    del entries[2], receipts[2]
    assert verify(entries, receipts) == ()
    assert verify(entries, receipts, head) == (
        Fault(3, "removed: it was noted and is not there any more"),
    )


def test_verify__whole_ledger_written_anew__is_found_by_a_noted_head(chain: WriteChain) -> None:
    entries, _ = chain(["one", "two"])
    anew = chain(["one", "too"])
    assert verify(*anew) == ()
    assert verify(*anew, Head(2, entries[1].digest)) == (
        Fault(2, "altered: its digest is not the one that was noted"),
    )


@pytest.mark.parametrize(
    ("remove", "said"),
    [
        ({0}, "entry 2: removed before it: entry 1"),
        ({1, 2}, "entry 4: removed before it: entries 2 to 3"),
    ],
)
def test_verify__entries_and_receipts_missing__tells_which(
    chain: WriteChain, remove: set[int], said: str
) -> None:
    entries, receipts = chain(["one", "two", "three", "four"])
    left = [entry for index, entry in enumerate(entries) if index not in remove]
    kept = [receipt for index, receipt in enumerate(receipts) if index not in remove]
    faults = [str(fault) for fault in verify(left, kept)]
    before = "the beginning" if 0 in remove else "entry 1"
    where = said.partition(":")[0]
    assert faults == [said, f"{where}: does not follow {before} as it stands now"]


def test_verify__text_of_another_place__says_so(chain: WriteChain) -> None:
    entries, receipts = chain(["one", "two"])
    entries[1] = replace(entries[0], sequence=2)
    assert [str(fault) for fault in verify(entries, receipts)] == [
        "entry 2: forged: its text was written as entry 1",
        "entry 2: does not follow entry 1 as it stands now",
        "entry 2: its receipt 'stated/1' is of another entry",
    ]


def test_verify__text_no_json__is_told_once_a_check(chain: WriteChain) -> None:
    entries, receipts = chain(["one"])
    entries[0] = Entry(1, digest_of("[1]"), "[1]")
    assert [str(fault) for fault in verify(entries, receipts)] == [
        "entry 1: altered: its text is no JSON object",
        "entry 1: its receipt 'stated/0' is of another entry",
    ]
