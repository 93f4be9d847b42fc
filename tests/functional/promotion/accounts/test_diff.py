"""`promote diff` between two accounts in moto."""

import copy
import json

import pytest

from promotion.aws.errors import RemoteDenied
from promotion.aws.session import Accounts
from promotion.comparison.collect import compare_environments

DEV, PROD = "333333333333", "444444444444"


@pytest.fixture
def promoted(aws, project):
    """Return what promotes the release in build/releases to environments."""
    aws.prepare_workload()
    aws.prepare_workload(PROD, "acme-ml-prod-data")
    for name in ("dev", "prod"):
        project.edit_environment(
            name, promotion={"require_clean_commit": False, "require_provenance": False}
        )

    def promote(*names):
        for name in names:
            project.promote("plan", name, "--no-terraform")
            done = project.promote("apply", str(project.root / f"build/plans/{name}.plan"), "--yes")
            assert done.exit_code == 0, done.stderr

    return promote


def diff(project, *words):
    return project.promote("diff", "dev", "prod", *words)


def test_diff__same_release__is_the_same(aws, project, promoted):
    release = project.release()
    promoted("dev", "prod")
    aws.start_recording()
    result = diff(project)
    assert (result.exit_code, aws.writes()) == (0, [])
    told = f"{release.digest[:12]} (commit c0ffeec)"
    assert result.stdout.splitlines() == [
        "dev → prod",
        f"  = mammography/inference · {told}",
        f"  = mammography/train · {told}",
        "",
        "The same: 2 of 2 pipelines.",
    ]


def test_diff__parameters_of_the_environments_files__are_their_own(aws, project, promoted):
    path = project.root / "environments" / "prod.tfvars.json"
    cases = json.loads(path.read_text())["use_cases"]
    cases["mammography"]["parameters"]["train"] = {"MinimumAuc": 0.99, "Rounds": 7}
    project.edit_environment("prod", use_cases=cases)
    project.release()
    promoted("dev", "prod")
    assert diff(project).exit_code == 0


def test_diff__other_release__shows_what_a_plan_would(aws, project, promoted, train_definition):
    old = project.release()
    promoted("prod")
    definition = copy.deepcopy(train_definition)
    definition["Steps"][1]["Arguments"]["Depth"] = 5
    inference = old.definitions["inference"]
    new = project.release(
        {"train": definition, "inference": inference},
        code={"steps/preprocess.py": b"import sys\nprint(2)\n"},
        commit="f" * 40,
    )
    promoted("dev")
    result = diff(project)
    old_code, new_code = (_code_key(release) for release in (old, new))
    assert result.exit_code == 3
    states = f"{new.digest[:12]} (commit fffffff) → {old.digest[:12]} (commit c0ffeec)"
    assert result.stdout.splitlines() == [
        "dev → prod",
        f"  ~ mammography/inference · {states}",
        f"  ~ mammography/train · {states}",
        "      ~ step Preprocess (Processing)",
        "          ~ Arguments.Code:",
        f"              - s3://${{env.data_bucket}}/{new_code}",
        f"              + s3://${{env.data_bucket}}/{old_code}",
        "      ~ step Train (Processing)",
        "          ~ Arguments.Depth: 5 → 3",
        "      ~ script preprocess.py",
        "          @@ -1,2 +1,2 @@",
        "           import sys",
        "          -print(2)",
        "          +print(1)",
        "",
        "2 of 2 pipelines differ.",
    ]


def _code_key(release):
    import hashlib

    body = release.code["steps/preprocess.py"]
    return f"code/{hashlib.sha256(body).hexdigest()}/preprocess.py"


def test_diff__edited_by_hand__says_where_and_what(aws, project, promoted):
    project.release()
    promoted("dev", "prod")
    live = aws.pipelines(PROD)["mammography-train"]["definition"]
    live["Steps"][1]["Arguments"]["Depth"] = 9
    aws.client("sagemaker", PROD).update_pipeline(
        PipelineName="mammography-train", PipelineDefinition=json.dumps(live)
    )
    result = diff(project)
    assert result.exit_code == 3
    lines = result.stdout.splitlines()
    at = lines.index("      edited by hand in prod")
    assert lines[at + 1 : at + 3] == [
        "      ~ step Train (Processing)",
        "          ~ Arguments.Depth: 3 → 9",
    ]


def test_diff__value_of_one_environment_in_both__is_no_difference(
    aws, project, promoted, train_definition
):
    train_definition["Steps"][0]["Arguments"]["Note"] = "dev, not device; 333333333333"
    inference = {
        **train_definition,
        "Parameters": project.release().definitions["inference"]["Parameters"],
    }
    project.release({"train": train_definition, "inference": inference})
    promoted("dev", "prod")
    assert diff(project).exit_code == 0


def test_diff__not_deployed_and_not_named__are_said(aws, project, promoted):
    project.release()
    promoted("dev")
    path = project.root / "environments" / "prod.tfvars.json"
    cases = json.loads(path.read_text())["use_cases"]
    cases["mammography"]["pipelines"].pop("train")
    cases["mammography"].pop("parameters")
    cases["mammography"].pop("retrain", None)
    project.edit_environment("prod", use_cases=cases)
    result = diff(project)
    assert result.exit_code == 3
    assert [line.split(" → ")[1] for line in result.stdout.splitlines()[1:3]] == [
        "not deployed",
        "not in prod's file",
    ]


def test_diff__nothing_deployed_anywhere__is_the_same(aws, project, promoted):
    assert diff(project).exit_code == 0


def test_diff__json__is_whole(aws, project, promoted):
    release = project.release()
    promoted("dev")
    result = diff(project, "--json", "--use-case", "mammography")
    side = {"named": True, "release_digest": "", "git_commit": "", "edited_by_hand": False}
    assert (result.exit_code, result.json["differs"]) == (3, True)
    assert result.json["pipelines"][1] == {
        "use_case": "mammography",
        "key": "train",
        "before": {
            **side, "environment": "dev", "deployed": True, "release_digest": release.digest,
            "git_commit": release.git_commit,
        },
        "after": {**side, "environment": "prod", "deployed": False},
        "definition": {"parameters": [], "steps": [], "other": []},
        "scripts": [],
        "role": None,
    }  # fmt: skip


def test_diff__only_plan_roles__are_assumed(aws, project, promoted):
    aws.start_recording()
    diff(project)
    assert {role for role, _ in aws.assumed()} == {"jenkins-plan-role"}


class NoProd(Accounts):
    """Accounts of which prod lets nobody in."""

    def open(self, environment, *role_arns):
        if environment.environment == "prod":
            raise RemoteDenied("cannot act in prod")
        return super().open(environment, *role_arns)


def test_diff__account_out_of_reach__fails(aws, project):
    with pytest.raises(RemoteDenied, match="cannot act in prod"):
        compare_environments(project.root, "dev", "prod", (), accounts=NoProd())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("dev", "dev"), "dev does not differ from itself"),
        (("dev", "registry"), "runs no pipelines"),
        (("dev", "prod", "--use-case", "other"), "neither dev nor prod has use case other"),
    ],
)
def test_diff__wrong_words__are_a_usage_error(aws, project, words, message):
    aws.start_recording()
    result = project.promote("diff", *words)
    assert (result.exit_code, aws.calls()) == (2, [])
    assert message in result.stderr
