"""How commands behave when they cannot get into an account."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

COMMANDS = (
    ["bootstrap", "dev", "--yes"],
    ["plan", "dev", "--no-terraform"],
    ["apply", "build/plans/dev.plan", "--yes"],
    ["run", "dev", "mammography", "train"],
    ["models", "list", "mammography"],
    ["models", "approve", "mammography", "1", "--reason", "fine"],
    ["status"],
)


@pytest.fixture(params=COMMANDS, ids=lambda words: " ".join(words[:2]))
def command(request, aws, project, monkeypatch):
    """Each command that calls AWS, in a project where it could work."""
    aws.prepare_workload()
    project.release()
    project.promote("plan", "dev", "--no-terraform")
    monkeypatch.chdir(project.root)
    return request.param


def test_session__no_credentials__says_how_to_get_them(aws, project, command, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    aws.start_recording()
    result = project.promote(*command)
    assert (result.exit_code, aws.calls()) == (1, [])
    assert result.stderr.endswith(
        "error: sts.GetCallerIdentity: there are no AWS credentials\n"
        "next: export AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in\n"
    )


def test_session__unknown_profile__says_where_to_look(project, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    result = project.promote("bootstrap", "dev")
    assert result.exit_code == 1
    assert "The config profile (nobody) could not be found" in result.stderr
    assert "next: check AWS_PROFILE against ~/.aws/config\n" in result.stderr


def test_session__network_cut__is_told_after_seconds(project, command, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    started = time.monotonic()
    result = project.promote(*command)
    assert result.exit_code == 1
    assert "error: sts.GetCallerIdentity: AWS cannot be reached: " in result.stderr
    assert (
        "next: AWS_ENDPOINT_URL is http://127.0.0.1:1: check that it is up, or unset it to reach "
        "AWS\n"
    ) in result.stderr
    assert time.monotonic() - started < 5


class Throttling(BaseHTTPRequestHandler):
    """Answers every call as STS does when it is called too often."""

    calls: list[str]

    def do_POST(self):
        self.calls.append(self.path)
        body = (
            b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>"
            b"<Message>Rate exceeded</Message></Error><RequestId>1</RequestId></ErrorResponse>"
        )
        self.send_response(400)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        """Say nothing."""


def test_session__throttled__is_tried_again_and_then_told(project, monkeypatch):
    calls = []
    handler = type("Recording", (Throttling,), {"calls": calls})
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_address[1]}")
        result = project.promote("bootstrap", "dev")
        server.shutdown()
        thread.join()
    assert (result.exit_code, result.stdout, len(calls)) == (1, "", 2)
    assert result.stderr == (
        "error: sts.GetCallerIdentity was throttled, 2 attempts: Rate exceeded\n"
        "next: wait a minute and run the command again\n"
    )


def test_session__caller_in_the_account__assumes_nothing(aws, project):
    project.edit_environment("dev", account_id="123456789012")
    aws.start_recording()
    result = project.promote("run", "dev", "mammography", "train")
    assert (result.exit_code, aws.calls()) == (1, ["GetCallerIdentity", "DescribePipeline"])


def test_session__role_leads_to_another_account__is_refused(aws, project, monkeypatch):
    # moto then takes every caller for one of this account.
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    aws.start_recording()
    result = project.promote("run", "dev", "mammography", "train")
    assert (result.exit_code, aws.writes()) == (1, [])
    assert (
        "error: role arn:aws:iam::333333333333:role/cross-account-jenkins-role leads to account "
        "999999999999, not to 333333333333\n"
    ) in result.stderr
