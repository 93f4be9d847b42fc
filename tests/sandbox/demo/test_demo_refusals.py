"""How the demo tells a refusal from an attack that worked, or failed for another reason."""

from __future__ import annotations

from typing import NoReturn

import pytest
from botocore.exceptions import ClientError

from sandbox.demo.commands import DemoFailed
from sandbox.demo.refusals import Attack, Refusal, refused

ARN = "arn:aws:iam::111111111111:user/admin"


def attack(message: str | None) -> Attack:
    """Return an attack that AWS answers with an error, or with success."""

    def make() -> object:
        if message is None:
            return {}
        return fail(message)

    return Attack("dev's administrator", "read the rows", "prod", "s3:GetObject", make)


def fail(message: str) -> NoReturn:
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, "GetObject")


@pytest.mark.parametrize("quote", ["", '"'])
def test_refused__denial__is_taken_apart(quote: str) -> None:
    message = (
        f"User: {ARN} is not authorized to perform: s3:GetObject on resource: "
        f"{quote}arn:aws:s3:::data/rows.csv{quote} because no resource-based policy allows it"
    )
    assert refused(attack(message)) == Refusal(
        who="dev's administrator", tried="read the rows", environment="prod", arn=ARN,
        action="s3:GetObject", resource="arn:aws:s3:::data/rows.csv",
        reason="because no resource-based policy allows it",
    )  # fmt: skip


def test_refused__events__are_refused_in_the_answer() -> None:
    message = f"User: {ARN} is not authorized to perform: events:PutEvents on resource: bus because"
    answer = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "x", "ErrorMessage": message}]}
    attack_by_event = Attack("he", "send", "prod", "events:PutEvents", lambda: answer)
    assert refused(attack_by_event).resource == "bus"


def test_refused__attack_that_works__stops_the_demo() -> None:
    with pytest.raises(DemoFailed, match=r"was not refused: read the rows \(s3:GetObject\)"):
        refused(attack(None))


@pytest.mark.parametrize(
    "message",
    [
        "The specified key does not exist.",
        f"User: {ARN} is not authorized to perform: kms:Decrypt on resource: key because",
    ],
)
def test_refused__fails_for_another_reason__stops_the_demo(message: str) -> None:
    with pytest.raises(DemoFailed, match="but not for s3:GetObject"):
        refused(attack(message))
