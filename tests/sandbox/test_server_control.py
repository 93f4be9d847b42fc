"""Starting and stopping in a process, the accounts' files, and ``/_sandbox/``."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.accounts import Account, load_accounts
from sandbox.clock import parse_moment
from sandbox.model import SandboxError
from sandbox.principals import User, principals_of
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from pathlib import Path


def call(sandbox: Sandbox, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    data = None if body is None else json.dumps(body).encode()
    url = f"{sandbox.endpoint_url}/_sandbox/{path}"
    request = urllib.request.Request(url, data=data)  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_health__running__lists_accounts_and_principals(sandbox: Sandbox) -> None:
    status, health = call(sandbox, "health")
    assert status == 200
    assert [(a["environment"], a["kind"], a["account_id"]) for a in health["accounts"]] == [
        ("dev", "workload", "333333333333"),
        ("prod", "workload", "444444444444"),
        ("registry", "registry", "222222222222"),
        ("tooling", "tooling", "111111111111"),
    ]
    assert [principal["name"] for principal in health["principals"]] == [
        "dev-admin", "prod-admin", "registry-admin", "tooling-admin", "jenkins",
        "data-scientist", "approver", "auditor", "break-glass",
    ]  # fmt: skip


def test_clock__advance_and_until__move_it(sandbox: Sandbox) -> None:
    _, before = call(sandbox, "clock")
    status, after = call(sandbox, "clock", {"advance": "1d"})
    assert (status, after["fired"]) == (200, [])
    moved = parse_moment(after["now"]) - parse_moment(before["now"])
    assert 86_400 <= moved.total_seconds() < 86_430
    _, later = call(sandbox, "clock", {"until": "2099-01-01T00:00:00Z"})
    assert later["now"].startswith("2099-01-01T00:00:")


def test_clock__until_next__stops_at_the_schedule(sandbox: Sandbox) -> None:
    events = sandbox.client("events", "prod-admin")
    events.put_rule(Name="daily", ScheduleExpression="cron(0 6 * * ? *)")
    _, before = call(sandbox, "clock")
    (upcoming,) = before["upcoming"]
    _, after = call(sandbox, "clock", {"until": "next", "wait_seconds": None})
    assert after["fired"] == [upcoming]
    assert after["now"][:16] == upcoming["at"][:16]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, 'give either {"advance": "1d"} or {"until": TIME or "next"}'),
        ({"advance": "1d", "until": "next"}, 'give either {"advance": "1d"}'),
        ({"advance": "soon"}, "'soon' is not a duration"),
        ({"until": "next"}, "no schedule is enabled: nothing comes next"),
        ({"until": "2020-01-01"}, "the clock does not go back"),
        ({"until": "tomorrow"}, "'tomorrow' is not a time: write 2026-11-21T06:00:00Z"),
        ({"until": "2200-01-01"}, "is too late: the clock ends at 2199-12-31T23:59:59Z"),
        ({"advance": "99999999999d"}, "is too long: the clock ends at 2199-12-31T23:59:59Z"),
        ([], "the request's body is not a JSON object"),
    ],
)
def test_clock__bad_request__is_refused_and_time_stays(
    sandbox: Sandbox, body: Any, error: str
) -> None:
    status, answer = call(sandbox, "clock", body)
    assert status == 400
    assert error in answer["error"]
    assert sandbox.clock.offset_seconds == 0


def test_other_paths__are_refused_and_the_right_ones_named(sandbox: Sandbox) -> None:
    status, answer = call(sandbox, "nothing")
    assert status == 404
    assert answer["error"].startswith("no /_sandbox/nothing: there are GET clock, GET deliveries")


def test_wait__nothing_runs__answers(sandbox: Sandbox) -> None:
    assert call(sandbox, "wait", {"timeout_seconds": 5}) == (200, {"idle": True})


def test_start__second_in_one_process__is_refused(sandbox: Sandbox) -> None:
    with (
        pytest.raises(SandboxError, match="this process runs a sandbox already"),
        Sandbox(sandbox.accounts),
    ):
        pass
    assert call(sandbox, "health")[0] == 200


def test_start__port_in_use__is_refused_and_another_can_start(
    sandbox_accounts: tuple[Account, ...], engine: Any
) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with (
            pytest.raises(SandboxError, match=f"port {port} of 127.0.0.1 is in use"),
            Sandbox(sandbox_accounts, port=port, engine=lambda *_: engine),
        ):
            pass
    with Sandbox(sandbox_accounts, engine=lambda *_: engine) as later:
        assert call(later, "health")[0] == 200


def test_start__after_another__is_empty(sandbox_accounts: tuple[Account, ...], engine: Any) -> None:
    for _ in range(2):
        with Sandbox(sandbox_accounts, engine=lambda *_: engine) as sandbox:
            s3 = sandbox.client("s3", "dev-admin")
            assert s3.list_buckets()["Buckets"] == []
            s3.create_bucket(
                Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
            )
            sqs = sandbox.client("sqs", "dev-admin")
            assert "QueueUrls" not in sqs.list_queues()
            sqs.create_queue(QueueName="work")


def test_principal__unknown_name__lists_the_known(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="no principal 'bob': there are dev-admin, prod-admin,"):
        sandbox.environment("bob")


def write(directory: Path, name: str, **changes: Any) -> None:
    document = {
        "environment": name,
        "kind": "workload",
        "account_id": "555555555555",
        "region": "eu-west-1",
        **changes,
    }
    kept = {key: value for key, value in document.items() if value is not None}
    (directory / f"{name}.tfvars.json").write_text(json.dumps(kept))


def test_load_accounts__another_workload__is_an_account_like_any(tmp_path: Path) -> None:
    write(tmp_path, "staging", roles={"deploy": "d"}, use_cases={"u": {"schedule": {}}})
    accounts = load_accounts(tmp_path)
    assert accounts == (
        Account("staging", "workload", "555555555555", "eu-west-1", {"deploy": "d"}, True),
    )
    assert [each.name for each in principals_of(accounts)] == ["staging-admin"]


def test_principals__people_of_the_files__are_users_of_their_accounts(tmp_path: Path) -> None:
    outside, robot = "arn:aws:iam::999999999999:user/bob", "arn:aws:iam::555555555555:role/robot"
    ann = "arn:aws:iam::555555555555:user/team/ann"
    roles = {"approver": "approve", "auditor": "audit", "break_glass": "repair"}
    people = {"approvers": [ann, outside], "auditors": [robot, ann], "break_glass": []}
    write(tmp_path, "staging", roles=roles, use_cases={"u": {"schedule": {}}}, **people)
    (admin, user) = principals_of(load_accounts(tmp_path))
    assert (admin.name, user.name, user.arn) == ("staging-admin", "ann", ann)
    assert isinstance(user, User)
    assert user.policy["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": [f"arn:aws:iam::555555555555:role/{name}" for name in ("approve", "audit")],
        }
    ]


def test_principals__two_of_one_name__are_refused(tmp_path: Path) -> None:
    person = "arn:aws:iam::555555555555:user/staging-admin"
    write(tmp_path, "staging", roles={"approver": "approve"}, approvers=[person])
    with pytest.raises(SandboxError, match="several principals are called staging-admin"):
        principals_of(load_accounts(tmp_path))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": None}, r"a\.tfvars\.json has no key 'kind'"),
        ({"use_cases": ["x"]}, r"a\.tfvars\.json is not an environment file"),
    ],
)
def test_load_accounts__bad_file__is_named(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    write(tmp_path, "a", **changes)
    with pytest.raises(SandboxError, match=message):
        load_accounts(tmp_path)


def test_load_accounts__not_json__is_named(tmp_path: Path) -> None:
    (tmp_path / "a.tfvars.json").write_text("{")
    with pytest.raises(SandboxError, match=r"a\.tfvars\.json is not an environment file"):
        load_accounts(tmp_path)


def test_load_accounts__same_id_twice__is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a")
    write(tmp_path, "b")
    with pytest.raises(SandboxError, match="account id 555555555555 occurs twice"):
        load_accounts(tmp_path)


def test_load_accounts__no_file__says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"no \*\.tfvars\.json in .*: run from the project"):
        load_accounts(tmp_path)
