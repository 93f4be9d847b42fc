"""How commands behave when they cannot get into an account."""

import time

import pytest


def test_session__no_credentials__says_how_to_get_them(project, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    result = project.promote("bootstrap", "dev")
    assert (result.exit_code, result.stderr) == (
        1,
        "error: sts.GetCallerIdentity: there are no AWS credentials\n"
        "next: export AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in\n",
    )


def test_session__unknown_profile__says_where_to_look(project, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    result = project.promote("bootstrap", "dev")
    assert result.exit_code == 1
    assert "The config profile (nobody) could not be found" in result.stderr
    assert "next: check AWS_PROFILE against ~/.aws/config\n" in result.stderr


@pytest.mark.parametrize("command", [["bootstrap", "dev"], ["status"], ["models", "list", "x"]])
def test_session__network_cut__is_told_after_seconds(project, monkeypatch, command):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    started = time.monotonic()
    result = project.promote(*command)
    assert result.exit_code == 1
    assert "AWS cannot be reached" in result.stderr
    assert time.monotonic() - started < 5


def test_session__caller_in_the_account__assumes_nothing(aws, project):
    project.edit_environment("dev", account_id="123456789012")
    aws.start_recording()
    result = project.promote("bootstrap", "dev")
    assert result.exit_code == 0
    assert aws.calls() == ["GetCallerIdentity", "GetObject", "PutObject"]
    assert "dev: account 123456789012 as arn:aws:sts::123456789012:user/moto\n" == result.stderr


def test_session__role_leads_to_another_account__is_refused(aws, project, monkeypatch):
    # moto then takes every caller for one of this account.
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    aws.start_recording()
    result = project.promote("bootstrap", "dev")
    assert (result.exit_code, aws.writes()) == (1, [])
    assert (
        "error: role arn:aws:iam::333333333333:role/cross-account-jenkins-role leads to account "
        "999999999999, not to 333333333333\n"
    ) in result.stderr
