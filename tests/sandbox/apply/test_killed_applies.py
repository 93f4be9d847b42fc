"""Applies that are killed at each write, told to stop, or meet: a rerun ends as if nothing was.

Every account that comes out of it is held against the one that an undisturbed apply leaves.
"""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from promotion.plan.archive import read_plan

if TYPE_CHECKING:
    import subprocess

pytestmark = pytest.mark.slow

DEV = "333333333333"
DATA, STATE = "acme-ml-dev-data", "acme-ml-dev-tfstate"
# One pipeline is created and one updated, so that every kind of write is among them.
WRITES = [
    "Put lock", "Put object", "CreatePipeline", "AddTags", "UpdatePipeline", "Invoke",
    "Delete lock",
]  # fmt: skip
APPLIED = f"applied 3 actions to dev (account {DEV})\n"
REASON = "the process was killed by this test"


@dataclass
class Story:
    """Promotes the same second release over the same first one, under another commit each time.

    Attributes:
        account: where.
        first: the pipelines that the first release left.
        code: the code that it left.
        commit: commit of the second release as it was planned last.
    """

    account: Any
    first: dict[str, Any]
    code: set[str]
    commit: str = ""

    def plan(self) -> str:
        """Bring the account back to a first release of one pipeline, plan the second there.

        Returns:
            The digest of the plan file.
        """
        self.commit = f"{uuid4().hex}{0:08}"
        self.account.empty(kept=self.code)
        client = self.account.sandbox.client("sagemaker", "dev-admin")
        train = self.first["mammography-train"]
        client.create_pipeline(
            PipelineName="mammography-train",
            PipelineDefinition=train["text"],
            RoleArn=train["role"],
            Tags=[{"Key": key, "Value": value} for key, value in train["tags"].items()],
            ClientRequestToken=uuid4().hex,
        )
        self.account.release(self.commit, "second")
        planned = self.account.promote("plan", "dev", "--no-terraform")
        assert planned.exit_code == 3, planned.stderr
        return read_plan(Path(self.account.plan_path)).digest

    def left(self, digest: str) -> Any:
        """Return what is in the account, and in the ledger of this plan; commits alike."""
        found = {
            "pipelines": self.account.pipelines(),
            "code": self.account.objects(DATA),
            "beside the state": self.account.objects(STATE),
            "ledger": [
                (record["kind"], record["use_case"], record["outcome"], record["git_commit"])
                for record in self.account.records()
                if record["details"]["plan_digest"] == digest and record["kind"] != "unlock"
            ],
        }
        return json.loads(json.dumps(found).replace(self.commit, "COMMIT"))


@pytest.fixture
def story(account: Any) -> Story:
    account.empty()
    account.release("f" * 40, "first")
    account.promote("plan", "dev", "--no-terraform")
    applied = account.promote("apply", account.plan_path, "--yes")
    assert applied.exit_code == 0, applied.stderr
    client = account.sandbox.client("sagemaker", "dev-admin")
    first = {
        name: {**found, "text": client.describe_pipeline(PipelineName=name)["PipelineDefinition"]}
        for name, found in account.pipelines().items()
    }
    return Story(account, first, set(account.objects(DATA)))


def start(story: Story, relay: Any) -> subprocess.Popen[str]:
    relay.writes.clear()
    process: subprocess.Popen[str] = relay.start(
        "--root", str(story.account.root), "apply", story.account.plan_path, "--yes"
    )
    return process


def run(story: Story, relay: Any) -> tuple[int, str, str]:
    process = start(story, relay)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def kill_at(relay: Any, number: int, moment: str, deadly: signal.Signals) -> Any:
    """Let the process of the next start get a signal at a write; return where to put it."""
    victim: list[subprocess.Popen[str]] = []

    def strike(at: int) -> bool:
        if at == number:
            victim[0].send_signal(deadly)
        if at == number and deadly == signal.SIGKILL:
            victim[0].wait()
            return moment == "before"  # the request never arrives
        return False

    relay.before, relay.after = (lambda _: None), (lambda _: None)
    setattr(relay, moment, strike)
    return victim


def test_apply__killed_at_each_write__a_rerun_ends_as_if_nothing_was(
    story: Story, relay: Any
) -> None:
    undisturbed = story.plan()
    assert run(story, relay)[:2] == (0, APPLIED)
    assert relay.writes == WRITES
    wanted = story.left(undisturbed)
    assert wanted["beside the state"] == {}
    assert wanted["ledger"] == [["apply", "mammography", "applied", "COMMIT"]]

    for number in range(1, len(WRITES) + 1):
        for moment in ("before", "after"):
            place = f"killed {moment} write {number}, {WRITES[number - 1]}"
            digest = story.plan()
            victim = kill_at(relay, number, moment, signal.SIGKILL)
            victim.append(start(story, relay))
            victim[0].communicate(timeout=120)
            assert victim[0].returncode == -signal.SIGKILL, place
            assert relay.writes == WRITES[:number], place
            repair(story, place)
            assert story.left(digest) == wanted, place


def repair(story: Story, place: str) -> None:
    """Do what a person does after a crash: unlock where it is locked, and apply the same plan."""
    account = story.account
    if "accounts/dev/promote.lock" in account.objects(STATE):
        unlocked = account.promote("unlock", "dev", "--reason", REASON, "--yes")
        assert unlocked.exit_code == 0, (place, unlocked.stderr)
    again = account.promote("apply", account.plan_path, "--yes")
    assert again.exit_code == 0, (place, again.stderr)


def test_apply__killed__the_same_caller_with_the_same_plan_takes_the_lock_over_only_by_unlocking(
    story: Story, relay: Any
) -> None:
    story.plan()
    before = story.account.pipelines()
    victim = kill_at(relay, WRITES.index("CreatePipeline") + 1, "before", signal.SIGKILL)
    victim.append(start(story, relay))
    victim[0].communicate(timeout=120)
    refused = story.account.promote("apply", story.account.plan_path, "--yes")
    assert (victim[0].returncode, relay.writes) == (-signal.SIGKILL, WRITES[:3])
    assert refused.exit_code == 1
    assert "error: dev is locked by arn:aws:iam::333333333333:user/" in refused.stderr
    assert "promote unlock dev --reason TEXT" in refused.stderr
    assert story.account.pipelines() == before
    repair(story, "killed before CreatePipeline")
    assert story.account.promote("plan", "dev", "--no-terraform").exit_code == 0
    [unlocked] = [record for record in story.account.records() if record["kind"] == "unlock"][-1:]
    assert (unlocked["reason"], unlocked["details"]["purpose"]) == (REASON, "apply")


@pytest.mark.parametrize("deadly", [signal.SIGINT, signal.SIGTERM])
def test_apply__told_to_stop_half_way__restores_records_and_unlocks(
    story: Story, relay: Any, deadly: signal.Signals
) -> None:
    digest = story.plan()
    before = story.account.pipelines()
    update = WRITES.index("UpdatePipeline") + 1
    victim = kill_at(relay, update, "before", deadly)
    victim.append(start(story, relay))
    _, err = victim[0].communicate(timeout=120)
    assert victim[0].returncode == 130, err
    assert "mammography-inference: created and deleted again" in err
    found = story.left(digest)
    assert (story.account.pipelines(), found["beside the state"]) == (before, {})
    assert found["ledger"] == [["apply", "mammography", "failed", "COMMIT"]]


def test_apply__two_at_once__the_second_is_refused_and_none_interleave(
    story: Story, relay: Any
) -> None:
    """While the first is in the middle of its writes, the second starts and ends."""
    digest = story.plan()
    words = ("--root", str(story.account.root), "apply", story.account.plan_path, "--yes")
    seconds: list[tuple[int, str, str]] = []

    def meet(number: int) -> None:
        if relay.writes[number - 1] == "UpdatePipeline":
            second = relay.start(*words)
            out, err = second.communicate(timeout=60)
            seconds.append((second.returncode, out, err))

    relay.before = meet
    first = run(story, relay)
    assert first[:2] == (0, APPLIED), first[2]
    [(code, out, err)] = seconds
    assert (code, out) == (1, ""), err
    assert "error: dev is locked by arn:aws:iam::333333333333:user/" in err
    assert f": apply of plan {digest[:12]}\n" in err
    # The second one's only write is the lock that it was refused.
    at = WRITES.index("UpdatePipeline") + 1
    assert relay.writes == [*WRITES[:at], "Put lock", *WRITES[at:]]
    found = story.left(digest)
    assert found["ledger"] == [["apply", "mammography", "applied", "COMMIT"]]
    assert story.account.promote("plan", "dev", "--no-terraform").exit_code == 0
