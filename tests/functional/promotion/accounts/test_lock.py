"""The lock of an environment against moto: one holder, released in the end, unlocked by people."""

import re
import threading

import pytest

DEV = "333333333333"
SINCE = "2026-01-02T06:00:00.000000Z"
OTHER = {
    "id": "0" * 32,
    "who": "arn:aws:sts::111111111111:assumed-role/jenkins-role/i-1",
    "since": SINCE,
    "plan_digest": "ab" * 32,
    "purpose": "apply",
}
HELD_BY_OTHER = f"{OTHER['who']} since {SINCE}: apply of plan abababababab"


@pytest.fixture
def plan_path(aws, project):
    aws.prepare_workload()
    project.release()
    project.promote("plan", "dev", "--no-terraform")
    return str(project.root / "build" / "plans" / "dev.plan")


def lock_versions(aws):
    listed = aws.client("s3", DEV).list_object_versions(Bucket="acme-ml-dev-tfstate")
    return len(listed.get("Versions", [])), len(listed.get("DeleteMarkers", []))


def test_apply__somebody_holds_the_lock__refuses_and_says_who_since_when_and_what_to_do(
    aws, project, plan_path, ledger
):
    aws.put_control("promote.lock", OTHER)
    aws.start_recording()
    result = project.promote("apply", plan_path, "--yes")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith(
        f"error: dev is locked by {HELD_BY_OTHER}\n"
        "next: nothing was applied; wait until that run has ended, or, when it is dead: "
        "promote unlock dev --reason TEXT\n"
    )
    assert aws.writes() == ["PutObject"]  # the one that was refused
    assert (aws.pipelines(), aws.control("promote.lock"), ledger.stated) == ({}, OTHER, 0)


def test_apply__while_it_runs__holds_the_lock_and_releases_it_in_the_end(aws, project, plan_path):
    from promotion.apply.lock import EnvironmentLock, new_lock
    from promotion.apply.stage import make_ready
    from promotion.aws.session import Accounts
    from promotion.plan.archive import read_plan

    file = read_plan(project.root / "build/plans/dev.plan")
    ready = make_ready(file, project.root, accounts=Accounts(), make_terraform=lambda *_: None)
    holder = new_lock(ready.actor, file.digest, "apply")
    with EnvironmentLock(ready.session, ready.environment).hold(holder):
        seen = aws.control("promote.lock")
        refused = project.promote("apply", plan_path, "--yes")
    assert seen == {
        "id": holder.id,
        "who": ready.actor,
        "since": holder.since,
        "plan_digest": file.digest,
        "purpose": "apply",
    }
    assert (refused.exit_code, aws.pipelines()) == (1, {})
    assert aws.control("promote.lock") is None
    assert project.promote("apply", plan_path, "--yes").exit_code == 0
    assert aws.control("promote.lock") is None


def test_apply__fails_half_way__releases_the_lock(aws, project, plan_path):
    aws.client("s3", DEV).delete_bucket(Bucket="acme-ml-dev-data")
    result = project.promote("apply", plan_path, "--yes")
    assert (result.exit_code, aws.pipelines(), aws.control("promote.lock")) == (1, {}, None)


def test_apply__nothing_to_do__takes_no_lock(aws, project, plan_path):
    project.promote("apply", plan_path, "--yes")
    before = lock_versions(aws)
    aws.put_control("promote.lock", OTHER)
    result = project.promote("apply", plan_path, "--yes")
    assert (result.exit_code, result.stdout) == (0, f"nothing to do in dev (account {DEV})\n")
    assert (before, aws.control("promote.lock")) == ((1, 1), OTHER)


def test_apply__account_changes_before_the_lock_is_taken__refuses_under_the_lock(
    aws, project, plan_path, ledger
):
    """What was looked at before the lock does not count: the second look decides."""
    from promotion.apply.journal import Journal
    from promotion.apply.lock import EnvironmentLock, new_lock
    from promotion.apply.locked import apply_locked
    from promotion.apply.stage import make_ready
    from promotion.aws.session import Accounts
    from promotion.errors import StalePlan
    from promotion.plan.archive import read_plan

    file = read_plan(project.root / "build/plans/dev.plan")

    def look():
        return make_ready(file, project.root, accounts=Accounts(), make_terraform=lambda *_: None)

    ready = look()
    aws.client("sagemaker", DEV).create_pipeline(
        PipelineName="mammography-train",
        PipelineDefinition="{}",
        RoleArn=f"arn:aws:iam::{DEV}:role/r",
        ClientRequestToken="x" * 32,
    )
    with pytest.raises(StalePlan, match="has changed since the plan was made"):
        apply_locked(
            EnvironmentLock(ready.session, ready.environment),
            new_lock(ready.actor, file.digest, "apply"),
            look_again=look,
            journal=Journal(file, ready.actor, None, "arn", say=lambda _: None),
            say=lambda _: None,
        )
    assert (aws.control("promote.lock"), list(aws.pipelines())) == (None, ["mammography-train"])
    assert ledger.stated == 0


def test_apply__no_state_bucket__says_bootstrap(aws, project, plan_path):
    aws.client("s3", DEV).delete_bucket(Bucket="acme-ml-dev-tfstate")
    result = project.promote("apply", plan_path, "--yes")
    assert (result.exit_code, aws.pipelines()) == (1, {})
    assert result.stderr.endswith("next: create it: promote bootstrap dev\n")


def test_unlock__somebody_holds_the_lock__tells_removes_and_records(
    aws, project, plan_path, ledger
):
    aws.put_control("promote.lock", OTHER)
    result = project.promote("unlock", "dev", "--reason", "build 812  was killed", "--yes")
    assert (result.exit_code, result.stdout) == (0, f"unlocked dev (account {DEV})\n")
    assert result.stderr == f"dev (account {DEV}) is locked by {HELD_BY_OTHER}\n"
    assert aws.control("promote.lock") is None
    [(token, record)] = ledger.records.items()
    assert re.fullmatch(r"stated/dev/unlock/[0-9a-f]{32}", token)
    document = record.document()
    assert {key: document[key] for key in document if document[key] and key != "at"} == {
        "kind": "unlock",
        "actor": document["actor"],
        "account_id": DEV,
        "environment": "dev",
        "reason": "build 812 was killed",
        "details": {
            "holder": OTHER["who"],
            "since": SINCE,
            "plan_digest": OTHER["plan_digest"],
            "purpose": "apply",
        },
    }
    assert document["actor"].startswith("arn:aws:")
    assert project.promote("apply", plan_path, "--yes").exit_code == 0


def test_unlock__nobody_holds_the_lock__says_so_and_records_nothing(
    aws, project, plan_path, ledger
):
    aws.start_recording()
    result = project.promote("unlock", "dev", "--reason", "sure is sure", "--yes")
    told = f"nobody holds the lock of dev (account {DEV})\n"
    assert (result.exit_code, result.stdout) == (0, told)
    assert (aws.writes(), ledger.stated) == ([], 0)


@pytest.mark.parametrize(
    ("answer", "expected"), [("y\n", (0, None)), ("n\n", (1, OTHER)), ("\n", (1, OTHER))]
)
def test_unlock__at_a_terminal__asks(aws, project, plan_path, answer, expected):
    aws.put_control("promote.lock", OTHER)
    result = project.promote("unlock", "dev", "--reason", "why", answer=answer)
    assert (result.exit_code, aws.control("promote.lock")) == expected


@pytest.mark.parametrize("reason", ["", "  ", "\x1b[2Jnothing to see"])
def test_unlock__reason_missing_or_unprintable__is_a_usage_error(aws, project, reason):
    aws.start_recording()
    result = project.promote("unlock", "dev", "--reason", reason, "--yes")
    assert (result.exit_code, aws.calls()) == (2, [])
    assert "--reason must say why the lock may go" in result.stderr


def test_unlock__ledger_does_not_take_it__leaves_the_lock(aws, project, plan_path, ledger):
    aws.put_control("promote.lock", OTHER)
    ledger.refusal = "AccessDeniedException"
    result = project.promote("unlock", "dev", "--reason", "why", "--yes")
    assert (result.exit_code, aws.control("promote.lock")) == (1, OTHER)
    assert "error: dev stays locked, because the ledger does not take the record: " in result.stderr
    assert (
        "administrator of the account removes s3://acme-ml-dev-tfstate/accounts/dev/promote.lock "
        "by hand\n"
    ) in result.stderr


def test_unlock__lock_is_another_one_by_then__leaves_it(aws, project, plan_path, ledger):
    from promotion.apply.unlock import open_unlocking, unlock
    from promotion.aws.session import Accounts
    from promotion.errors import RemoteError

    aws.put_control("promote.lock", OTHER)
    found = open_unlocking(project.root, "dev", accounts=Accounts())
    newer = {**OTHER, "id": "1" * 32}
    aws.put_control("promote.lock", newer)
    with pytest.raises(RemoteError, match="is another one by now: nothing was removed"):
        unlock(found, found.held, "why")
    assert aws.control("promote.lock") == newer


def test_unlock__content_is_no_lock__can_still_be_removed(aws, project, plan_path):
    aws.put_control("promote.lock", ["scribble"])
    result = project.promote("unlock", "dev", "--reason", "why", "--yes")
    assert (result.exit_code, aws.control("promote.lock")) == (0, None)
    assert "is locked by unknown since unknown: unknown of plan unknown\n" in result.stderr


def test_lock__two_at_once__one_gets_in_at_a_time(aws, project, plan_path):
    """Eight threads want the lock at once: never are two in the block, and each refusal is told."""
    from promotion.apply.lock import EnvironmentLock, LockHeld, new_lock
    from promotion.aws.session import Accounts
    from promotion.config import load_environment

    environment = load_environment(project.root, "dev")
    session = Accounts().open(environment, environment.deploy_role_arn)
    assert session.s3  # made once, before there are threads
    start, inside, entered, refused = threading.Barrier(8), threading.Lock(), [], []

    def contend(number):
        lock = EnvironmentLock(session, environment)
        start.wait()
        try:
            with lock.hold(new_lock(f"arn:aws:iam::1:user/{number}", "ab" * 32, "apply")):
                assert inside.acquire(blocking=False), "two were inside at once"
                entered.append(number)
                inside.release()
        except LockHeld:
            refused.append(number)

    threads = [threading.Thread(target=contend, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entered + refused) == list(range(8))
    assert entered
    assert aws.control("promote.lock") is None


def test_lock__answer_to_the_first_attempt_lost__is_held_all_the_same(aws, project, plan_path):
    from promotion.apply.lock import EnvironmentLock, new_lock
    from promotion.aws.control_objects import ControlObjects
    from promotion.aws.session import Accounts
    from promotion.config import load_environment

    environment = load_environment(project.root, "dev")
    session = Accounts().open(environment, environment.deploy_role_arn)

    class Forgetful(ControlObjects):
        """Repeats a write, as botocore does when no answer came."""

        def create(self, key, body):
            super().create(key, body)
            return super().create(key, body)

    objects = Forgetful(session.s3, DEV, environment.buckets.state)
    with EnvironmentLock(session, environment, objects).hold(
        new_lock("arn:aws:iam::1:user/u", "ab" * 32, "apply")
    ):
        assert aws.control("promote.lock")["who"] == "arn:aws:iam::1:user/u"
    assert aws.control("promote.lock") is None


def test_lock__unlocked_and_taken_by_another_meanwhile__says_so_and_leaves_his(
    aws, project, plan_path
):
    from promotion.apply.lock import EnvironmentLock, LockLost, new_lock
    from promotion.aws.session import Accounts
    from promotion.config import load_environment

    environment = load_environment(project.root, "dev")
    session = Accounts().open(environment, environment.deploy_role_arn)
    with (
        pytest.raises(LockLost, match="was unlocked while its lock was held") as caught,
        EnvironmentLock(session, environment).hold(new_lock("arn:a", "cd" * 32, "apply")),
    ):
        aws.put_control("promote.lock", OTHER)
    assert caught.value.exit_code == 1
    assert aws.control("promote.lock") == OTHER


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_lock__block_ends_in_an_error__is_released(aws, project, plan_path, error):
    from promotion.apply.lock import EnvironmentLock, new_lock
    from promotion.aws.session import Accounts
    from promotion.config import load_environment

    environment = load_environment(project.root, "dev")
    session = Accounts().open(environment, environment.deploy_role_arn)
    with (
        pytest.raises(error),
        EnvironmentLock(session, environment).hold(new_lock("arn:a", "cd" * 32, "apply")),
    ):
        raise error
    assert aws.control("promote.lock") is None
