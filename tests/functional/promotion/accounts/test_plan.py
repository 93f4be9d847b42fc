"""`promote plan` against accounts in moto: what it shows, saves and refuses."""

import hashlib
import json

import pytest

from promotion.plan.archive import read_plan
from promotion.plan.ownership import mark_of, tags_for

DEV = "333333333333"
BUCKET = "acme-ml-dev-data"
ROLE = "sagemaker-execution-role-mammography"


def code_key(body: bytes) -> str:
    return f"code/{hashlib.sha256(body).hexdigest()}/preprocess.py"


def applied(project):
    """Plan and apply what the project has, without Terraform."""
    assert project.promote("plan", "dev", "--no-terraform").exit_code == 3
    plan = project.root / "build" / "plans" / "dev.plan"
    result = project.promote("apply", str(plan), "--yes")
    assert (result.exit_code, result.stderr.count("error")) == (0, 0)


def test_plan__empty_account__creates_everything_and_writes_nothing(aws, project):
    aws.prepare_workload()
    release = project.release()
    aws.start_recording()
    result = project.promote("plan", "dev", "--no-terraform")
    digest = hashlib.sha256((project.root / "build/plans/dev.plan").read_bytes()).hexdigest()
    assert (result.exit_code, aws.writes(), aws.pipelines()) == (3, [], {})
    assert result.stdout.splitlines() == [
        "dev · account 333333333333 · eu-west-1",
        f"  release mammography {release.digest[:12]} · commit c0ffeec",
        "",
        "Pipelines",
        "  + mammography-inference · mammography/inference · create",
        "      + parameter TransformInstanceType (String)",
        "      + step Transform (Processing)",
        "  + mammography-train · mammography/train · create",
        "      + parameter InputUri (String)",
        "      + parameter MinimumAuc (Float)",
        "      + parameter TrainingInstanceType (String)",
        "      + parameter Rounds (Integer)",
        "      + step Preprocess (Processing)",
        "      + step Train (Processing)",
        "      + script preprocess.py",
        "",
        "Code objects",
        f"  + s3://{BUCKET}/{code_key(release.code['steps/preprocess.py'])} (20 bytes)",
        "",
        "Gates",
        "  passed   account-identity: account 333333333333",
        "  passed   clean-commit: dev does not demand it",
        "  passed   environment-consistency: the environment files agree",
        "  passed   evidence: dev does not demand it",
        f"  passed   execution-role: {ROLE}",
        "  passed   model-package-group: "
        "arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography",
        "  passed   pipeline-in-use: no pipeline is deleted",
        "  passed   pipeline-ownership: no pipeline is replaced",
        "  passed   provenance: dev does not demand it",
        "  passed   release-withdrawn: no release was withdrawn",
        "  passed   role-trust: no Terraform planned",
        "  passed   running-execution: no pipeline is deleted",
        "  passed   schedule: nothing is scheduled",
        "  passed   terraform-access: no Terraform planned",
        "  passed   terraform-destroys: no Terraform planned",
        "",
        "2 pipelines to create; 1 code object to upload.",
        f"plan file {project.root}/build/plans/dev.plan",
        f"digest {digest}",
    ]


def test_plan__changed_release__shows_steps_parameters_and_script_lines(
    aws, project, train_definition, inference_definition
):
    aws.prepare_workload()
    project.release()
    applied(project)
    train_definition["Parameters"][1]["DefaultValue"] = 0.6
    train_definition["Steps"][1]["Arguments"]["Depth"] = 4
    train_definition["Steps"].append({"Name": "Report", "Type": "Fail", "Arguments": {}})
    body = b"import sys\nprint(2)\n"
    definitions = {"train": train_definition, "inference": inference_definition}
    release = project.release(definitions, {"steps/preprocess.py": body})
    result = project.promote("plan", "dev", "--no-terraform", "--json")
    train = next(item for item in result.json["pipelines"] if item["key"] == "train")
    assert result.exit_code == 3
    assert {item["key"]: item["action"] for item in result.json["pipelines"]} == {
        "train": "update",
        # Its definition is the same, but its mark names another release.
        "inference": "update",
    }
    assert train["definition"] == {
        "parameters": [],
        "steps": [
            {
                "name": "Preprocess",
                "kind": "changed",
                "type": "Processing",
                "fields": [
                    {
                        "path": "Arguments.Code",
                        "kind": "changed",
                        "before": f"s3://{BUCKET}/"
                        + code_key(project.releases[0].code["steps/preprocess.py"]),
                        "after": f"s3://{BUCKET}/{code_key(body)}",
                    }
                ],
            },
            {
                "name": "Train",
                "kind": "changed",
                "type": "Processing",
                "fields": [{"path": "Arguments.Depth", "kind": "changed", "before": 3, "after": 4}],
            },
            {"name": "Report", "kind": "added", "type": "Fail", "fields": []},
        ],
        "other": [],
    }
    assert train["scripts"] == [
        {
            "name": "preprocess.py",
            "kind": "changed",
            "lines": ["@@ -1,2 +1,2 @@", " import sys", "-print(1)", "+print(2)"],
            "note": "",
        }
    ]
    assert result.json["releases"] == [
        {
            "use_case": "mammography",
            "digest": release.digest,
            "git_commit": release.git_commit,
            "dirty": False,
        }
    ]
    assert (result.json["schema_version"], result.json["account_id"]) == (3, DEV)


def test_plan__after_apply__exits_0_and_says_nothing_to_do(aws, project):
    aws.prepare_workload()
    project.release()
    applied(project)
    result = project.promote("plan", "dev", "--no-terraform")
    assert result.exit_code == 0
    assert "Nothing to do: the account is as the plan wants it." in result.stdout
    # Nothing of the release is written, so that the plan file needs none of its megabytes.
    assert [*read_plan(project.root / "build/plans/dev.plan").members] == ["plan.json"]


def test_plan__only_a_code_object_is_gone__carries_the_release_and_restores_it(aws, project):
    aws.prepare_workload()
    release = project.release()
    applied(project)
    key = code_key(release.code["steps/preprocess.py"])
    aws.client("s3", DEV).delete_object(Bucket=BUCKET, Key=key)
    assert project.promote("plan", "dev", "--no-terraform").exit_code == 3
    path = project.root / "build/plans/dev.plan"
    assert [*read_plan(path).members] == ["plan.json", f"releases/{release.file_name}"]
    aws.start_recording()
    assert project.promote("apply", str(path), "--yes").exit_code == 0
    # The lock, the code, the ledger, and the lock again: no pipeline.
    assert aws.writes() == ["PutObject", "PutObject", "Invoke", "DeleteObject"]
    assert project.promote("plan", "dev", "--no-terraform").exit_code == 0


def test_plan__pipeline_of_ours_that_no_use_case_names__is_listed_and_left(aws, project):
    aws.prepare_workload()
    project.release()
    client = aws.client("sagemaker", DEV)
    mark = mark_of(tags_for("retired", "ab" * 32, "c" * 40, "{}"))
    for name, given in (("retired-train", mark), ("somebody-elses", "our own")):
        client.create_pipeline(
            PipelineName=name,
            PipelineDefinition="{}",
            RoleArn="arn:aws:iam::333333333333:role/x",
            ClientRequestToken="x" * 32,
            PipelineDescription=given,
        )
    aws.start_recording()
    result = project.promote("plan", "dev", "--no-terraform", "--json")
    assert result.json["strays"] == [
        {"name": "retired-train", "use_case": "retired", "release": "ab" * 32}
    ]
    calls = aws.calls()
    assert (calls.count("ListPipelines"), calls.count("DescribePipeline")) == (1, 0)
    assert sorted(aws.pipelines()) == ["retired-train", "somebody-elses"]


def test_plan__unchanged_pipelines__reads_each_once_and_no_tags(aws, project):
    aws.prepare_workload()
    project.release()
    applied(project)
    aws.start_recording()
    project.promote("plan", "dev", "--no-terraform")
    calls = aws.calls()
    assert {
        name: calls.count(name) for name in ("DescribePipeline", "ListTags", "ListPipelines")
    } == {
        "DescribePipeline": 2,
        "ListTags": 0,
        "ListPipelines": 1,
    }


@pytest.mark.parametrize("description", ["Tuned on Friday", None])
def test_plan__mark_overwritten_by_hand__is_told_by_the_tags_and_written_anew(
    aws, project, description
):
    aws.prepare_workload()
    project.release()
    applied(project)
    before = aws.pipelines()
    client = aws.client("sagemaker", DEV)
    # As by a promote that wrote tags alone, or by a person.
    client.delete_pipeline(PipelineName="mammography-train", ClientRequestToken="x" * 32)
    train = before["mammography-train"]
    client.create_pipeline(
        PipelineName="mammography-train",
        PipelineDefinition=json.dumps(train["definition"]),
        RoleArn=train["role"],
        ClientRequestToken="y" * 32,
        Tags=[{"Key": key, "Value": value} for key, value in train["tags"].items()],
        **({"PipelineDescription": description} if description else {}),
    )
    aws.start_recording()
    result = project.promote("plan", "dev", "--no-terraform", "--json")
    assert (result.exit_code, aws.calls().count("ListTags")) == (3, 1)
    changed = [item for item in result.json["pipelines"] if item["action"] == "update"]
    assert [item["name"] for item in changed] == ["mammography-train"]
    assert changed[0]["description"] == {
        "path": "PipelineDescription",
        "kind": "changed",
        "before": description or "",
        "after": train["description"],
    }
    applied(project)
    assert aws.pipelines() == before


@pytest.mark.parametrize(
    ("words", "roles"),
    [
        (["plan", "dev", "--no-terraform"], {"jenkins-plan-role"}),
        (
            # The registry's plan role reads whether a release was withdrawn.
            ["apply", "build/plans/dev.plan", "--yes"],
            {"cross-account-jenkins-role", "jenkins-plan-role"},
        ),
        (["run", "dev", "mammography", "train"], {"cross-account-jenkins-role"}),
        (["status", "dev"], {"jenkins-plan-role"}),
        (["releases"], {"jenkins-plan-role"}),
        (["models", "list", "mammography"], {"jenkins-plan-role"}),
        (["models", "approve", "mammography", "1", "--reason", "x"], {"model-approver-role"}),
    ],
)
def test_command__role_it_acts_under__is_its_own_and_gets_the_external_id(
    aws, project, monkeypatch, words, roles
):
    aws.prepare_workload()
    project.release()
    project.promote("plan", "dev", "--no-terraform")
    monkeypatch.chdir(project.root)
    aws.start_recording()
    project.promote(*words)
    assert set(aws.assumed()) == {(role, "acme-ml-jenkins") for role in roles}


def test_plan__two_releases_of_a_use_case__takes_the_one_built_last(aws, project):
    aws.prepare_workload()
    first = project.release()
    kept = first.write(project.root / "kept")
    second = project.release(code={"steps/preprocess.py": b"pass\n"})
    planned = project.promote("plan", "dev", "--no-terraform", "--json")
    first.write(project.root / "build" / "releases")
    rebuilt = project.promote("plan", "dev", "--no-terraform", "--json")
    by_digest = project.promote(
        "plan", "dev", "--no-terraform", "--release", second.digest[:8], "--json"
    )
    by_path = project.promote("plan", "dev", "--no-terraform", "--release", str(kept), "--json")
    plans = (planned, rebuilt, by_digest, by_path)
    assert [plan.json["releases"][0]["digest"] for plan in plans] == [
        second.digest,
        first.digest,
        second.digest,
        first.digest,
    ]


def test_plan__same_inputs__same_plan_file(aws, project):
    aws.prepare_workload()
    project.release()
    for name in ("a.plan", "b.plan"):
        project.promote("plan", "dev", "--no-terraform", "--out", str(project.root / name))
    assert (project.root / "a.plan").read_bytes() == (project.root / "b.plan").read_bytes()


def test_plan__code_object_of_other_content__is_not_overwritten(aws, project):
    aws.prepare_workload()
    release = project.release()
    key = code_key(release.code["steps/preprocess.py"])
    s3 = aws.client("s3", DEV)
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"altered")
    project.promote("plan", "dev", "--no-terraform")
    result = project.promote("apply", str(project.root / "build/plans/dev.plan"), "--yes")
    assert result.exit_code == 1
    assert f"s3://{BUCKET}/{key} in account {DEV} exists with another content" in result.stderr
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"altered"
    assert aws.pipelines() == {}


def test_plan__json__is_one_sorted_object(aws, project):
    aws.prepare_workload()
    project.release()
    result = project.promote("plan", "dev", "--no-terraform", "--json")
    assert (
        result.stdout
        == json.dumps(result.json, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    )
    assert result.json["plan_file"]["path"] == str(project.root / "build/plans/dev.plan")
