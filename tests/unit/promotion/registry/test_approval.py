"""Decisions on a version that others change at the same time."""

from datetime import UTC, datetime

import pytest

from promotion.aws.errors import RemoteDenied, RemoteMissing
from promotion.aws.model_packages import LifeCycle, ModelPackage
from promotion.errors import RemoteError
from promotion.registry.approval import Decision, decide
from promotion.registry.versions import model_version

ARN = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/m/2"
OTHER = "arn:aws:sts::222222222222:assumed-role/model-approver-role/promote"


def package(status="PendingManualApproval", description="", changed_by=""):
    return ModelPackage(
        arn=ARN,
        version=2,
        approval_status=status,
        created_at=datetime(2026, 1, 31, tzinfo=UTC),
        approval_description=description,
        changed_by=changed_by,
    )


class Packages:
    """Answers what it is told to, in order, and keeps what is written."""

    def __init__(self, *answers, refusal=None):
        self.answers = list(answers)
        self.refusal = refusal
        self.written = []

    def describe(self, arn):
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def set_approval(self, *words):
        if self.refusal:
            raise self.refusal
        self.written.append(words)


class Environment:
    """The approvers that the registry's file names."""

    approvers = ("arn:aws:iam::111111111111:user/approver",)


class Registry:
    """The registry, opened."""

    environment = Environment
    caller_arn = OTHER

    def __init__(self, packages):
        self.packages = packages


def decision(*, needed=True):
    return Decision(
        use_case="m",
        version=model_version(package()),
        status="Approved",
        life_cycle=LifeCycle("Serving", "Approved", "all checks passed"),
        description="fine [me]",
        needed=needed,
        serving=None,
    )


def test_decide__nobody_else__writes_once():
    packages = Packages(package(), package("Approved", "fine [me]"))
    decide(Registry(packages), decision())
    assert packages.written == [
        (ARN, "Approved", "fine [me]", LifeCycle("Serving", "Approved", "all checks passed"))
    ]


def test_decide__not_needed__asks_nothing():
    decide(Registry(Packages()), decision(needed=False))


def test_decide__somebody_was_first__writes_nothing_and_names_him():
    packages = Packages(package("Rejected", "leaks [you]", OTHER))
    with pytest.raises(RemoteError) as caught:
        decide(Registry(packages), decision())
    assert packages.written == []
    assert caught.value.message == (
        "m version 2 was decided on by somebody else meanwhile: nothing was changed; it is "
        f"Rejected by {OTHER}: leaks [you]"
    )


def test_decide__somebody_was_last__says_what_holds_now():
    packages = Packages(package(), package("Rejected", "leaks [you]"))
    with pytest.raises(RemoteError) as caught:
        decide(Registry(packages), decision())
    assert caught.value.message == (
        "m version 2 was decided on by somebody else at the same moment, and last; it is "
        "Rejected by somebody whom AWS does not name: leaks [you]"
    )


@pytest.mark.parametrize(
    "packages",
    [
        Packages(RemoteMissing("gone")),
        Packages(package(), refusal=RemoteMissing("gone")),
        Packages(package(), RemoteMissing("gone")),
    ],
)
def test_decide__version_deleted_in_between__says_so(packages):
    with pytest.raises(RemoteError) as caught:
        decide(Registry(packages), decision())
    assert caught.value.message == f"{ARN} was deleted in the meantime: nothing was decided"
    assert caught.value.hint == "promote models list m shows the versions that there are"


def test_decide__not_permitted__names_the_approvers():
    packages = Packages(package(), refusal=RemoteDenied("no"))
    with pytest.raises(RemoteDenied) as caught:
        decide(Registry(packages), decision())
    assert caught.value.hint == "ask one of the approvers: arn:aws:iam::111111111111:user/approver"
