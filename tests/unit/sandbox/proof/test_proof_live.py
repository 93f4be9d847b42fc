"""Removing permissions for real: what counts as proof, and what does not."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.authorization.evaluate import evaluate
from sandbox.model import SandboxError
from sandbox.proof.acts import Act
from sandbox.proof.live import prove_alone, prove_together
from sandbox.proof.policies import HeldPolicy, Permission, all_permissions
from sandbox.proof.proved import Proved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

READ = Permission("dev", "identity", "worker", "read", "Read", "s3:GetObject")
LIST = Permission("dev", "identity", "worker", "read", "Read", "s3:ListBucket")
PUT = Permission("dev", "identity", "worker", "write", "Write", "s3:PutObject")
DELETE = Permission("dev", "identity", "worker", "write", "Write", "s3:DeleteObject")


@dataclass
class PaperEstate:
    """An estate whose requests are decided, and lead to nothing.

    Attributes:
        decide: Decides a request as if nothing was removed.
        journal: All decisions.
        label: Label of the next ones.
        without: What is removed.
        prepared: How often an act was prepared.
    """

    decide: Callable[..., Any]
    journal: list[Any] = field(default_factory=list)
    label: str = ""
    without: frozenset[Any] = frozenset()
    prepared: int = 0

    @contextmanager
    def labelled(self, label: str) -> Iterator[None]:
        self.label = label
        yield

    @contextmanager
    def removed(self, removed: Any) -> Iterator[None]:
        self.without = frozenset(removed)
        try:
            yield
        finally:
            self.without = frozenset()

    def request(self, action: str, key: str) -> str:
        """Make a request; return the text of its denial, nothing when it is allowed."""
        entry = self.decide(self.label, action, key)
        decision = evaluate(entry.request, entry.policies, without=self.without)
        self.journal.append(replace(entry, decision=decision))
        if decision.allowed:
            return ""
        return (
            f"User: worker is not authorized to perform: {action} on resource: "
            f'\\"{entry.request.resource}\\" {decision.reason}'
        )

    def do(self, action: str, key: str = "x") -> None:
        if problem := self.request(action, key):
            raise SandboxError(problem)

    def prepare(self, _: Any) -> None:
        self.prepared += 1


@pytest.fixture
def estate(decide: Callable[..., Any]) -> Any:
    return PaperEstate(decide)


def test_prove_alone__act_fails_for_it__proves(estate: Any, policies: list[HeldPolicy]) -> None:
    act = Act("store", lambda paper: paper.do("s3:PutObject"), estate.prepare)  # type: ignore[attr-defined]
    assert prove_alone(estate, act, PUT, all_permissions(policies)[PUT])
    assert (estate.prepared, estate.without) == (1, frozenset())
    assert [(entry.label, entry.decision.allowed) for entry in estate.journal] == [
        ("store (without dev worker write Write s3:PutObject)", False)
    ]


def test_prove_alone__act_goes_well_all_the_same__does_not(
    estate: Any, policies: list[HeldPolicy]
) -> None:
    tolerant = Act("try", lambda paper: bool(paper.request("s3:PutObject", "x")) and None)  # type: ignore[attr-defined]
    assert not prove_alone(estate, tolerant, PUT, all_permissions(policies)[PUT])


def test_prove_alone__act_fails_for_something_else__is_an_error(
    estate: Any, policies: list[HeldPolicy]
) -> None:
    broken = Act("break", lambda paper: paper.do("s3:PutObject", "closed/x"))  # type: ignore[attr-defined]
    with pytest.raises(SandboxError, match="but not for the want of it"):
        prove_alone(estate, broken, PUT, all_permissions(policies)[PUT])


def test_prove_together__rounds_until_it_goes_well__each_denial_proves_its_own(
    estate: Any, policies: list[HeldPolicy]
) -> None:
    everything = all_permissions(policies)
    given = {each: everything[each] for each in (READ, LIST, PUT, DELETE)}
    rounds: list[int] = []

    def run() -> dict[str, str]:
        """Two resources side by side, the second read after it is written; a list tolerated."""
        rounds.append(len(estate.without))
        estate.request("s3:ListBucket", "")
        first = estate.request("s3:GetObject", "once")
        second = estate.request("s3:PutObject", "x") or estate.request("s3:DeleteObject", "x")
        failed = {"dev": first, "prod": second}
        return {account: output for account, output in failed.items() if output}

    proved = Proved()
    prove_together(estate, "set up", given, run, proved)
    assert proved == Proved(
        acts={READ: "set up", PUT: "set up", DELETE: "set up"}, tolerated={LIST: ["set up"]}
    )
    assert rounds == [4, 2, 1]


def test_prove_together__fails_for_no_permission__is_an_error(
    estate: Any, policies: list[HeldPolicy]
) -> None:
    given = {PUT: all_permissions(policies)[PUT]}
    with pytest.raises(SandboxError, match="fails, but not for a permission: the network is down"):
        prove_together(estate, "set up", given, lambda: {"dev": "the network is down"}, Proved())


def test_prove_together__no_time_left__gives_all_back_and_concludes_nothing(
    estate: Any, policies: list[HeldPolicy]
) -> None:
    proved = Proved()
    given = {PUT: all_permissions(policies)[PUT]}

    def run() -> dict[str, str]:
        output = estate.request("s3:PutObject", "x")
        return {"dev": output} if output else {}

    prove_together(estate, "set up", given, run, proved, in_time=lambda: False)
    assert proved == Proved()


def test_prove_together__denial_without_text__proves_when_it_is_the_only_one(
    estate: Any, policies: list[HeldPolicy]
) -> None:
    """A HEAD request's denial says nothing; of two such, neither is known to be the cause."""
    everything = all_permissions(policies)

    def run() -> dict[str, str]:
        denied = [estate.request(action, "x") for action in actions]
        return {"dev": "Forbidden"} if any(denied) else {}

    actions = ["s3:PutObject"]
    alone, two = Proved(), Proved()
    prove_together(estate, "look", {PUT: everything[PUT]}, run, alone)
    assert alone == Proved(acts={PUT: "look"})
    actions.append("s3:DeleteObject")
    given = {each: everything[each] for each in (PUT, DELETE)}
    prove_together(estate, "look again", given, run, two)
    assert two == Proved()


def test_prove_together__two_statements_allow_the_same__neither_is_proved(
    estate: Any, policies: list[HeldPolicy]
) -> None:
    """Both are gone, the request is denied, and either of them would have let it pass."""
    everything = all_permissions(policies)
    again = Permission("dev", "identity", "worker", "read", "ReadAgain", "s3:Get*")
    proved = Proved()

    def run() -> dict[str, str]:
        output = estate.request("s3:GetObject", "twice/x")
        return {"dev": output} if output else {}

    prove_together(estate, "plan", {each: everything[each] for each in (READ, again)}, run, proved)
    assert proved == Proved()
