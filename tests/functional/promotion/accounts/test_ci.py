"""`promote ci` as a command, against accounts in moto where it asks them."""

import json

import pytest

REGISTRY = "222222222222"


@pytest.fixture
def registry(aws):
    """Return a client of the registry account, whose group has no version yet."""
    client = aws.client("sagemaker", REGISTRY)
    client.create_model_package_group(ModelPackageGroupName="mammography")
    return client


def runs(project, *words):
    """Return what has to run, and the exit code."""
    result = project.promote("ci", "runs", *words, "--json")
    return [(run["pipeline"], run["is_inference"]) for run in result.json["runs"]]


def test_runs__no_approved_model__is_training_only(aws, registry, project):
    aws.start_recording()
    assert runs(project, "dev") == [("train", False)]
    assert aws.writes() == []


def test_runs__approved_model__is_inference_too_after_training(aws, registry, project):
    registry.create_model_package(
        ModelPackageGroupName="mammography", ModelApprovalStatus="Approved"
    )
    assert runs(project, "dev", "--use-case", "mammography") == [
        ("train", False), ("inference", True),
    ]  # fmt: skip


def test_runs__unknown_use_case__is_a_usage_error(aws, registry, project):
    result = project.promote("ci", "runs", "dev", "--use-case", "x")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        2, "error: dev has no use case x",
    )  # fmt: skip


def test_decide__variables_of_a_build__writes_the_decision(aws, project, monkeypatch):
    for name in ("CHANGE_TARGET", "GIT_PREVIOUS_SUCCESSFUL_COMMIT", "JOB_BASE_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BRANCH_NAME", "main")
    monkeypatch.setenv("dryRun", "true")
    result = project.promote("ci", "decide")
    decision = json.loads((project.root / "build" / "ci" / "decision.json").read_text())
    assert (result.exit_code, result.stdout) == (
        0, "plans to be read, nothing is applied: build/ci/decision.json\n",
    )  # fmt: skip
    assert decision == {
        "why": "plans to be read, nothing is applied",
        "use_cases": {"dev": ["mammography"], "prod": ["mammography"]},
        "checks": True, "builds": True, "reviews": True, "shared": True, "dev": False,
        "prod": False, "moves": False, "applies": False, "nightly": False, "partial": True,
    }  # fmt: skip


def test_decide__folder_of_the_file_is_a_file__says_so_without_a_traceback(
    aws, project, monkeypatch
):
    monkeypatch.setenv("BRANCH_NAME", "main")
    (project.root / "taken").write_text("")
    result = project.promote("ci", "decide", "--out", "taken/decision.json")
    assert (result.exit_code, result.stderr) == (
        1, f"error: {project.root}/taken/decision.json: cannot be written: File exists\n",
    )  # fmt: skip


def test_plan__use_cases_and_release_from_the_environment__are_taken(aws, project, monkeypatch):
    aws.prepare_workload()
    project.release()
    monkeypatch.setenv("PROMOTE_USE_CASES", "mammography")
    monkeypatch.setenv("PROMOTE_RELEASE", project.releases[-1].digest)
    planned = project.promote("plan", "dev", "--no-terraform", "--json")
    assert planned.exit_code == 3
    assert [each["digest"] for each in planned.json["releases"]] == [project.releases[-1].digest]
    monkeypatch.setenv("PROMOTE_USE_CASES", "other")
    refused = project.promote("plan", "dev", "--no-terraform")
    assert (refused.exit_code, "no use case other" in refused.stderr) == (2, True)


def test_summary__plan_file__tells_the_digest_that_apply_asks_for(aws, project):
    aws.prepare_workload()
    project.release()
    project.promote("plan", "dev", "--no-terraform")
    plan_file = str(project.root / "build/plans/dev.plan")
    told = project.promote("ci", "summary", plan_file, "--json").json["plans"][0]
    assert (told["environment"], told["has_changes"]) == ("dev", True)
    applied = project.promote("apply", plan_file, "--yes", "--digest", told["digest"])
    assert applied.exit_code == 0


def test_summary__file_that_cannot_be_written__says_so_without_a_traceback(aws, project):
    aws.prepare_workload()
    project.release()
    project.promote("plan", "dev", "--no-terraform")
    plan_file = str(project.root / "build/plans/dev.plan")
    result = project.promote("ci", "summary", plan_file, "--out", str(project.root))
    assert (result.exit_code, result.stderr) == (
        1, f"error: {project.root}: cannot be written: Is a directory\n",
    )  # fmt: skip
