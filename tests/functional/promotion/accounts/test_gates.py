"""Gates and overrides through the commands, against accounts in moto."""

import hashlib
import io
import json
import subprocess
import tarfile

import pytest

DEV, PROD = "333333333333", "444444444444"
PROD_BUCKET = "acme-ml-prod-data"
CALLER = "arn:aws:sts::123456789012:user/moto"
FOREIGN = {"Version": "2020-12-01", "Metadata": {}, "Parameters": [], "Steps": []}
REFUSAL = "commit c0ffeec of release {} is unknown to this checkout"


@pytest.fixture(autouse=True)
def unpublished(project):
    """Let prod take releases that are not published and never ran."""
    promotion = {"require_clean_commit": True, "require_provenance": False}
    project.edit_environment("prod", promotion=promotion)


def plan_path(project, name):
    return project.root / "build" / "plans" / f"{name}.plan"


def plan_prod(project, *words):
    return project.promote("plan", "prod", "--no-terraform", *words)


def gate_of(result, name):
    return next(gate for gate in result.json["gates"] if gate["gate"] == name)


def commit_all(root):
    """Make the project a repository with all that it holds on `main`, and return the commit."""

    def git(*words):
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        done = subprocess.run(
            ["git", *identity, "-C", str(root), *words], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "--initial-branch", "main")
    git("add", "--all")
    git("commit", "--message", "all")
    return git("rev-parse", "HEAD")


def create_foreign(aws):
    """Let somebody else have a pipeline of a name that the environment wants."""
    aws.client("sagemaker", DEV).create_pipeline(
        PipelineName="mammography-train",
        PipelineDefinition=json.dumps(FOREIGN),
        RoleArn=f"arn:aws:iam::{DEV}:role/theirs",
        ClientRequestToken="x" * 32,
        Tags=[{"Key": "team", "Value": "imaging"}],
    )


def forge(path, change):
    """Rewrite the plan in a plan file as somebody would who mends the manifest too."""
    with tarfile.open(path) as archive:
        members = {entry.name: archive.extractfile(entry).read() for entry in archive}
    plan = json.loads(members["plan.json"])
    for gate in plan["gates"]:
        change(gate)
    members["plan.json"] = json.dumps(plan).encode()
    manifest = json.loads(members["manifest.json"])
    manifest["members"]["plan.json"] = hashlib.sha256(members["plan.json"]).hexdigest()
    members["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(path, "w") as archive:
        for name, body in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))


def test_gates__list__tells_each_gate_once(project):
    told = project.promote("gates", "--json")
    listed = {gate["gate"]: gate["overridable"] for gate in told.json["gates"]}
    assert (told.exit_code, told.stderr, told.json["schema_version"]) == (0, "", 1)
    assert listed == {
        "account-identity": False,
        "clean-commit": True,
        "environment-consistency": False,
        "evidence": True,
        "execution-role": True,
        "model-package-group": True,
        "pipeline-in-use": True,
        "pipeline-ownership": True,
        "provenance": True,
        "release-withdrawn": False,
        "role-trust": True,
        "running-execution": False,
        "schedule": True,
        "terraform-access": False,
        "terraform-destroys": True,
    }
    text = project.promote("gates").stdout
    assert all(
        f"{gate['gate']} " in text and gate["summary"] in text for gate in told.json["gates"]
    )


def test_plan__prod_of_a_commit_on_main__passes(aws, project):
    aws.prepare_workload(PROD, PROD_BUCKET)
    project.release(commit=commit_all(project.root))
    result = plan_prod(project, "--json")
    assert (result.exit_code, gate_of(result, "clean-commit")["outcome"]) == (3, "passed")


def test_plan__prod_of_an_unknown_commit__refuses_and_writes_no_plan(aws, project):
    aws.prepare_workload(PROD, PROD_BUCKET)
    release = project.release()
    aws.start_recording()
    result = plan_prod(project)
    assert (result.exit_code, aws.writes()) == (4, [])
    assert not plan_path(project, "prod").exists()
    assert result.stderr.endswith(
        "error: the promotion to prod is refused; no plan file was written\n"
        f"  - clean-commit: mammography: {REFUSAL.format(release.digest[:12])}\n"
        "next: merge the change to main, bring this checkout up to date with its whole history, "
        "and build the release there\n"
    )


def test_plan__override__is_shown_stored_and_told_again_by_apply(aws, project):
    aws.prepare_workload(PROD, PROD_BUCKET)
    release = project.release()
    message = f"mammography: {REFUSAL.format(release.digest[:12])}"
    word = "clean-commit=hotfix of ticket 7"
    shown = plan_prod(project, "--override", word)
    told = plan_prod(project, "--override", word, "--json")
    gate = gate_of(told, "clean-commit")
    assert (shown.exit_code, told.exit_code) == (3, 3)
    assert (
        f"  OVERRIDDEN clean-commit: {message}\n"
        "             reason: hotfix of ticket 7\n"
        f"             asked by: {CALLER}\n"
    ) in shown.stdout
    assert "\n\n1 gate overridden: clean-commit.\n2 pipelines to create; " in shown.stdout
    assert {key: gate[key] for key in ("outcome", "message", "override")} == {
        "outcome": "overridden",
        "message": message,
        "override": {"reason": "hotfix of ticket 7", "asked_by": CALLER},
    }
    applied = project.promote("apply", str(plan_path(project, "prod")), "--yes")
    assert (applied.exit_code, len(aws.pipelines(PROD))) == (0, 2)
    assert (
        f"warning: gate clean-commit is overridden: {message}; reason: hotfix of ticket 7 "
        f"(asked by {CALLER})\n"
    ) in applied.stderr


def test_plan__second_plan_after_an_override__is_empty_and_needs_none(aws, project):
    aws.prepare_workload(PROD, PROD_BUCKET)
    project.release()
    plan_prod(project, "--override", "clean-commit=hotfix")
    project.promote("apply", str(plan_path(project, "prod")), "--yes")
    again = plan_prod(project, "--json")
    assert (again.exit_code, again.stderr.count("warning")) == (0, 0)
    assert gate_of(again, "clean-commit")["message"] == "no release is promoted"


def test_plan__override_of_one_gate__leaves_the_refusals_of_others(aws, project):
    project.release()
    result = project.promote(
        "plan", "dev", "--no-terraform", "--override", "execution-role=comes later"
    )
    assert result.exit_code == 4
    assert f"  OVERRIDDEN execution-role: account {DEV} has no role" in result.stdout
    assert "  - model-package-group: " in result.stderr
    assert "execution-role" not in result.stderr
    assert not plan_path(project, "dev").exists()


def test_plan__override_of_a_gate_that_passes__is_a_warning(aws, project):
    aws.prepare_workload()
    project.release()
    words = ("plan", "dev", "--no-terraform", "--json", "--override", "schedule=who knows")
    result = project.promote(*words)
    assert (result.exit_code, gate_of(result, "schedule")["override"]) == (3, None)
    assert (
        "warning: the override of schedule is not needed: the gate does not refuse\n"
        in result.stderr
    )


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("nonsense=x", "nonsense: there is no such gate (there are account-identity, "),
        ("account-identity=x", "account-identity: cannot be overridden\n"),
        ("environment-consistency=x", "environment-consistency: cannot be overridden\n"),
        ("clean-commit=", "clean-commit: the reason is missing\n"),
        ("clean-commit", "clean-commit: the reason is missing\n"),
    ],
)
def test_plan__override_that_is_not_valid__exits_2_and_calls_nothing(aws, project, word, problem):
    project.release()
    aws.start_recording()
    result = project.promote("plan", "dev", "--no-terraform", "--override", word)
    assert (result.exit_code, result.stdout, aws.calls()) == (2, "", [])
    assert f"  - {problem}" in result.stderr
    assert "next: promote gates lists the gates" in result.stderr


def test_plan__pipeline_of_somebody_else__is_refused_and_stays(aws, project):
    aws.prepare_workload()
    create_foreign(aws)
    before = aws.pipelines()
    project.release()
    result = project.promote("plan", "dev", "--no-terraform")
    assert (result.exit_code, aws.pipelines()) == (4, before)
    assert "  - pipeline-ownership: promote did not write mammography-train\n" in result.stderr


def test_apply__override_of_pipeline_ownership__adopts_the_pipeline(aws, project):
    aws.prepare_workload()
    create_foreign(aws)
    release = project.release()
    word = "pipeline-ownership=ours since the merger"
    planned = project.promote("plan", "dev", "--no-terraform", "--override", word)
    applied = project.promote("apply", str(plan_path(project, "dev")), "--yes")
    adopted = aws.pipelines()["mammography-train"]
    assert (planned.exit_code, applied.exit_code) == (3, 0)
    assert adopted["definition"]["Steps"] != []
    assert adopted["tags"]["promotion:release"] == release.digest
    assert adopted["tags"]["team"] == "imaging"
    assert project.promote("plan", "dev", "--no-terraform").exit_code == 0


def overrule(gate):
    if gate["gate"] == "account-identity":
        gate |= {"outcome": "overridden", "override": {"reason": "x", "asked_by": CALLER}}


def take_reason(gate):
    if gate["override"]:
        gate["override"]["reason"] = ""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (overrule, "account-identity: cannot be overridden"),
        (take_reason, "clean-commit: is overridden without a reason, or by nobody"),
    ],
)
def test_apply__override_that_plan_did_not_write__is_refused(aws, project, change, problem):
    aws.prepare_workload(PROD, PROD_BUCKET)
    project.release()
    plan_prod(project, "--override", "clean-commit=hotfix")
    path = plan_path(project, "prod")
    forge(path, change)
    aws.start_recording()
    result = project.promote("apply", str(path), "--yes")
    assert (result.exit_code, aws.calls()) == (4, [])
    assert f"  - {problem}\n" in result.stderr


def test_apply__reason_altered_in_the_plan_file__is_refused(aws, project):
    aws.prepare_workload(PROD, PROD_BUCKET)
    project.release()
    plan_prod(project, "--override", "clean-commit=hotfix")
    path = plan_path(project, "prod")
    path.write_bytes(path.read_bytes().replace(b"hotfix", b"audit!"))
    aws.start_recording()
    result = project.promote("apply", str(path), "--yes")
    assert (result.exit_code, aws.calls()) == (1, [])
    assert "plan.json was altered: its digest is not the manifest's" in result.stderr
