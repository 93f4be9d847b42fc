"""Jenkins as code, as far as it can be checked without Jenkins: names, keys, and agreement.

Reads ``mlops-infra/jenkins/`` and ``environments/``; parses Groovy with the harness.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from promotion.config import load_environments

from .world import CONFIGURED, HERE, ROOT, Harness, compile_harness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JENKINS = ROOT / "mlops-infra" / "jenkins"
CASC = yaml.safe_load((JENKINS / "jenkins.yaml").read_text("utf-8"))
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
    excludes extension extensions factory git gitHubBranchDiscovery gitHubForkDiscovery
    gitHubPullRequestDiscovery gitHubTrustNobody github headWildcardFilter id includes
    lightweight multibranchPipelineJob orphanedItemStrategy pipelineJob pipelineTriggers
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


def variables() -> dict[str, str]:
    """Return what the configuration gives every build."""
    [found] = CASC["jenkins"]["globalNodeProperties"]
    return {each["key"]: each["value"] for each in found["envVars"]["env"]}


def test_configuration__every_key__is_in_a_plugins_documentation() -> None:
    documented = json.loads((HERE / "casc_keys.json").read_text("utf-8"))
    assert set(keys(CASC)) == {key for listed in documented.values() for key in listed}


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
    entries = CASC["jenkins"]["authorizationStrategy"]["globalMatrix"]["entries"]
    groups = [each["group"]["name"] for each in entries]
    assert groups == ["acme*ml-platform", "acme*ml-approvers", "acme"]


def test_configuration__secrets__stand_elsewhere() -> None:
    secrets = re.findall(
        r"(?:clientSecret|privateKey|password): (.*)", (JENKINS / "jenkins.yaml").read_text("utf-8")
    )
    assert secrets == ['"${GITHUB_OAUTH_CLIENT_SECRET}"', '"${GITHUB_APP_KEY}"']


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
    assert set(services) == {"controller", "agent", *nodes}
    for name in nodes:
        assert services[name]["environment"]["JENKINS_AGENT_NAME"] == name
    files = [services[name]["build"]["dockerfile"] for name in ("controller", "agent")]
    assert [file for file in files if not (ROOT / file).is_file()] == []
    given = set(services["controller"]["environment"]) | set(compose["secrets"])
    asked = set(re.findall(r"\$\{(\w+)\}", (JENKINS / "jenkins.yaml").read_text("utf-8"))) - {
        "NAME"
    }
    assert asked - given == set()


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
