"""Actions carried out in order, and taken back when one fails."""

import pytest

from promotion.apply.perform import ApplyFailed, ApplyInterrupted, perform
from promotion.errors import RemoteError
from promotion.plan.actions import ApplyTerraform, DeletePipeline, UploadCode, WritePipeline
from promotion.plan.model import Action, CodeUpload, PipelineChange, PipelineState

OLD = PipelineState("{}", "role", {})


def write(name, former=OLD):
    action = Action.UPDATE if former else Action.CREATE
    return WritePipeline(PipelineChange("m", name, name, action, OLD, former))


UPLOAD = UploadCode(CodeUpload("b", "code/k", "a" * 64, 5, present=False))
TERRAFORM = ApplyTerraform("dev", "1 to add")
ACTIONS = (UPLOAD, TERRAFORM, write("one"), write("two", None), write("three"))


class Account:
    """An executor that records, and fails where it is told to."""

    def __init__(self, fails_at=None, error=None, cannot_restore=()):
        self.fails_at = fails_at
        self.error = error or RemoteError("denied", hint="ask for the right")
        self.cannot_restore = cannot_restore
        self.did = []

    def _do(self, what):
        self.did.append(what)
        if what == self.fails_at:
            raise self.error

    def upload(self, action):
        self._do("upload")

    def apply_terraform(self, action):
        self._do("terraform")

    def write(self, action):
        self._do(action.change.name)

    def delete(self, action):
        self._do(f"delete {action.change.name}")

    def restore(self, name, former):
        self.did.append(f"restore {name}")
        if name in self.cannot_restore:
            raise RemoteError("still denied")
        return f"{name}: restored"


def test_perform__all_well__does_everything_once_in_order():
    account, told = Account(), []
    assert perform(ACTIONS, account, say=told.append) == 5
    assert account.did == ["upload", "terraform", "one", "two", "three"]
    assert told == [f"done: {action}" for action in ACTIONS]


def test_perform__nothing_to_do__calls_nothing():
    account = Account()
    assert perform((), account, say=lambda _: None) == 0
    assert account.did == []


def test_perform__a_pipeline_fails__restores_backwards_and_says_what_remains():
    account = Account(fails_at="two")
    with pytest.raises(ApplyFailed) as caught:
        perform(ACTIONS, account, say=lambda _: None)
    assert account.did == ["upload", "terraform", "one", "two", "restore two", "restore one"]
    assert caught.value.message == "the apply failed at: create pipeline two: denied"
    assert caught.value.problems == (
        "two: restored",
        "one: restored",
        "upload s3://b/code/k (5 bytes): stays, it is never overwritten",
        "terraform dev: stays applied",
        "not begun: update pipeline three (mark only)",
    )
    assert caught.value.hint == "ask for the right; then plan and apply again"
    assert caught.value.exit_code == 1


def test_perform__restoring_fails_too__says_what_is_left_changed():
    account = Account(fails_at="three", cannot_restore=("one",))
    with pytest.raises(ApplyFailed) as caught:
        perform(ACTIONS, account, say=lambda _: None)
    assert caught.value.problems[:3] == (
        "three: restored",
        "two: restored",
        "one: NOT restored: still denied",
    )
    assert "repairs the rest" in caught.value.hint


def test_perform__an_upload_fails__touches_nothing_else():
    account = Account(fails_at="upload")
    with pytest.raises(ApplyFailed) as caught:
        perform(ACTIONS, account, say=lambda _: None)
    assert account.did == ["upload"]
    assert caught.value.problems[0] == "upload s3://b/code/k (5 bytes): failed"


def test_perform__interrupted__restores_and_ends_with_130():
    account = Account(fails_at="two", error=KeyboardInterrupt())
    with pytest.raises(ApplyInterrupted) as caught:
        perform(ACTIONS, account, say=lambda _: None)
    assert account.did[-2:] == ["restore two", "restore one"]
    assert caught.value.exit_code == 130


def test_perform__a_deletion_fails__restores_what_was_deleted_and_says_what_remains():
    doomed = [PipelineChange("m", n, n, Action.DELETE, None, OLD) for n in ("one", "two", "three")]
    account = Account(fails_at="delete two")
    with pytest.raises(ApplyFailed) as caught:
        perform([DeletePipeline(change) for change in doomed], account, say=lambda _: None)
    assert account.did == ["delete one", "delete two", "restore two", "restore one"]
    assert caught.value.message == "the apply failed at: delete pipeline two: denied"
    assert caught.value.problems == (
        "two: restored",
        "one: restored",
        "not begun: delete pipeline three",
    )
