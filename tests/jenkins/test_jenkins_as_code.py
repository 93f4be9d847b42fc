"""Jenkins as code, as far as it can be checked without Jenkins: names, keys, and agreement.

Reads ``mlops-infra/jenkins/`` and ``environments/``; parses Groovy with the harness.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from promotion.config import load_environments

from .world import CONFIGURED, HERE, ROOT, Harness, compile_harness, git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JENKINS = ROOT / "mlops-infra" / "jenkins"
CASC, GITHUB, LOCAL = (
    yaml.safe_load((JENKINS / name).read_text("utf-8"))
    for name in ("jenkins.yaml", "github.yaml", "local.yaml")
)
PINNED = [
    line.split(":")
    for line in (JENKINS / "plugins.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
# https://jenkinsci.github.io/job-dsl-plugin/ and the symbols of the traits' plugins.
JOB_DSL = set(
    """branch branchSource branchSources cleanBeforeCheckout cleanBeforeCheckoutTrait
    configuredByUrl cpsScm credentials credentialsId cron daysToKeep definition
    deleteUntrackedNestedRepositories description disableConcurrentBuilds discardOldItems
    excludes extension extensions factory git gitBranchDiscovery gitHubBranchDiscovery
    gitHubForkDiscovery gitHubPullRequestDiscovery gitHubTrustNobody github headWildcardFilter id
    includes lightweight multibranchPipelineJob orphanedItemStrategy pipelineJob pipelineTriggers
    properties remote repoOwner repository repositoryUrl scm scriptPath source spec
    strategyId traits triggers trust url workflowBranchProjectFactory
    """.split()
)


def keys(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every value of a document; items of lists share one."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from keys(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, f"{path}[]")
    else:
        yield path


def _code(groovy: str) -> str:
    return re.sub(r"(?m)//.*$", "", groovy)


def variables() -> dict[str, str]:
    """Return what the configuration gives every build."""
    [found] = CASC["jenkins"]["globalNodeProperties"]
    return {each["key"]: each["value"] for each in found["envVars"]["env"]}


def test_configuration__every_key__is_in_a_plugins_documentation() -> None:
    documented = json.loads((HERE / "casc_keys.json").read_text("utf-8"))
    used = {*keys(CASC), *keys(GITHUB), *keys(LOCAL)}
    assert used == {key for listed in documented.values() for key in listed}


@pytest.mark.parametrize("other", [GITHUB, LOCAL], ids=["github", "local"])
def test_configuration__files_that_lie_together__set_no_value_twice(other: dict[str, Any]) -> None:
    # Configuration as Code refuses a conflict, and appends lists.
    assert set(keys(CASC)) & set(keys(other)) == set()


def test_configuration__jobs__are_given_what_they_ask_for() -> None:
    text = (JENKINS / "jobs.groovy").read_text("utf-8")
    for each in (GITHUB, LOCAL):
        given, script = each["jobs"]
        assert set(given["providedEnv"]) == set(re.findall(r"\b[A-Z]{3,}\b", _code(text)))
        assert script == {"file": "/usr/share/jenkins/casc/jobs.groovy"}


def test_configuration__what_builds_are_given__is_what_the_environments_say() -> None:
    environments = load_environments(ROOT)
    tooling = environments["tooling"]
    roles = tooling.roles
    assert variables() == {
        "APPROVERS": "acme*ml-approvers",
        "JENKINS_ACCOUNT": tooling.account_id,
        "REGISTRY_ACCOUNT": environments["registry"].account_id,
        "DEV_ACCOUNT": environments["dev"].account_id,
        "PROD_ACCOUNT": environments["prod"].account_id,
        "JENKINS_ROLE": roles.jenkins,
        "EXTERNAL_ID": tooling.external_id,
        "PLAN_ROLE": roles.plan,
        "DEPLOY_ROLE": roles.deploy,
        "BUILD_ROLE": roles.build,
        "PROMOTION_REGION": tooling.region,
        "PROMOTION_TOPIC": f"arn:aws:sns:{tooling.region}:{tooling.account_id}:"
        f"{tooling.project}-jenkins-alerts",
        "PROMOTION_MAIL": "ml-platform@example.com",
    }
    for environment in environments.values():
        assert (environment.roles, environment.external_id) == (roles, tooling.external_id)


def test_configuration__scenarios__are_given_the_same() -> None:
    assert variables() == CONFIGURED


def test_configuration__controller__runs_no_build_and_agents_have_the_jenkinsfiles_labels() -> None:
    text = (ROOT / "Jenkinsfile").read_text("utf-8")
    labels = {each["permanent"]["labelString"] for each in CASC["jenkins"]["nodes"]}
    assert labels == set(re.findall(r"label '([\w-]+)'", text))
    assert CASC["jenkins"]["numExecutors"] == 0


def test_configuration__reading__is_for_members_of_the_organization() -> None:
    entries = GITHUB["jenkins"]["authorizationStrategy"]["globalMatrix"]["entries"]
    groups = [each["group"]["name"] for each in entries]
    assert groups == ["acme*ml-platform", "acme*ml-approvers", "acme"]


def test_configuration__secrets__stand_elsewhere() -> None:
    texts = [(JENKINS / f"{name}.yaml").read_text("utf-8") for name in ("github", "local")]
    assert re.findall(r"(?:clientSecret|privateKey|password): (.*)", "".join(texts)) == [
        '"${GITHUB_OAUTH_CLIENT_SECRET}"', '"${GITHUB_APP_KEY}"', '"${LOCAL_PASSWORD}"',
    ]  # fmt: skip


def test_configuration__log_group__is_the_one_that_terraform_makes() -> None:
    module = ROOT / "mlops-infra" / "modules" / "jenkins-access" / "policy_access.tf"
    [made] = re.findall(r'build_log += "([^"]+)"', module.read_text("utf-8"))
    assert CASC["aws"]["cloudWatchLogs"]["logGroupName"] == made


def test_plugins__are_pinned_sorted_and_hold_those_that_the_harness_knows() -> None:
    names = [name for name, _ in PINNED]
    assert names == sorted(set(names))
    assert [version for _, version in PINNED if not re.fullmatch(r"[0-9][\w.-]*", version)] == []
    known = json.loads((HERE / "harness" / "plugins.json").read_text("utf-8"))
    assert sorted(set(known) - set(names)) == []


def test_jobs__every_call__is_one_of_job_dsl(harness: Harness) -> None:
    assert harness.calls(JENKINS / "jobs.groovy") == sorted(JOB_DSL)


def test_jobs__main__is_built_whatever_pull_requests_there_are() -> None:
    text = (JENKINS / "jobs.groovy").read_text("utf-8")
    discovery = re.findall(r"gitHubBranchDiscovery \{\s*strategyId\((\d)\)", text)
    assert discovery == ["3"]  # 1 leaves out a branch that a pull request comes from


def test_jobs__forks__are_trusted_by_nobody() -> None:
    text = (JENKINS / "jobs.groovy").read_text("utf-8")
    assert re.findall(r"gitHubTrust\w+", text) == ["gitHubTrustNobody"]


def test_compose__services__are_built_from_the_images_and_configured_nodes() -> None:
    compose = yaml.safe_load((JENKINS / "compose.yaml").read_text("utf-8"))
    services = compose["services"]
    nodes = {each["permanent"]["name"] for each in CASC["jenkins"]["nodes"]}
    assert set(services) == {"controller", "repository", "agent", *nodes}
    for name in nodes:
        assert services[name]["environment"]["JENKINS_AGENT_NAME"] == name
    files = [services[name]["build"]["dockerfile"] for name in ("controller", "agent")]
    assert [file for file in files if not (ROOT / file).is_file()] == []
    given = set(services["controller"]["environment"]) | set(compose["secrets"])
    asked = {
        name
        for file in ("jenkins.yaml", "local.yaml")
        for name in re.findall(r'"\$\{(\w+)\}"', (JENKINS / file).read_text("utf-8"))
    }
    assert asked == given - {name for name in given if name.startswith("AWS_")}


def test_compose__local_jenkins__needs_no_github() -> None:
    text = (JENKINS / "compose.yaml").read_text("utf-8")
    compose = yaml.safe_load(text)
    build = compose["services"]["controller"]["build"]
    image = (JENKINS / "controller.Dockerfile").read_text("utf-8")
    assert build["args"] == {"SIGN_IN": "local"}
    assert "mlops-infra/jenkins/${SIGN_IN}.yaml" in image
    assert re.findall(r"\$\{GITHUB\w*", text) == []
    [given, _] = LOCAL["jobs"]
    served = compose["services"]["repository"]
    assert served["volumes"] == ["../..:/srv/repository:ro"]
    assert given["providedEnv"] == {"OWNER": "", "REPOSITORY": "git://127.0.0.1/repository"}


def test_compose__repository__is_served_whoever_owns_it(tmp_path: Path) -> None:
    compose = yaml.safe_load((JENKINS / "compose.yaml").read_text("utf-8"))
    served = compose["services"]["repository"]
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(tmp_path / "repository"))
    git(tmp_path / "repository", "commit", "--quiet", "--allow-empty", "--message", "first")
    if os.geteuid() == 0:
        for path in (tmp_path / "repository").rglob("*"):
            os.chown(path, 1234, 1234)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [each.replace("/srv", str(tmp_path)) for each in served["command"]]
    with subprocess.Popen([*served["entrypoint"], f"--port={port}", *words]) as daemon:
        try:
            assert _heads(f"git://127.0.0.1:{port}/repository") == ["refs/heads/main"]
        finally:
            daemon.terminate()


def _heads(address: str) -> list[str]:
    """Return the branches of a repository, once its server listens."""
    for _ in range(50):
        done = subprocess.run(
            ["git", "ls-remote", "--heads", address], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return [line.split()[1] for line in done.stdout.splitlines()]
        time.sleep(0.1)
    return [done.stderr]


def test_images__versions__are_those_of_the_project() -> None:
    agent = (JENKINS / "agent.Dockerfile").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    [uv] = re.findall(r"UV_VERSION := (\S+)", makefile)
    assert f"ARG UV_VERSION={uv}\n" in agent
    assert re.findall(r"^FROM \S+:(?:latest|lts)$", agent, re.MULTILINE) == []


def test_codeowners__every_path__exists() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text("utf-8").splitlines()
    paths = [line.split()[0] for line in lines if line.startswith("/")]
    assert [path for path in paths if not (ROOT / path.strip("/")).exists()] == []
    assert len(paths) > 5


def test_harness__without_groovy__says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GROOVY_HOME", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"^Groovy is missing: .*apt-get install groovy"):
        compile_harness(tmp_path)
