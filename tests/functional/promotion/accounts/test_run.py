"""`promote run` against accounts in moto: checks first, then starts.

moto has no steps of executions: following is tested in `tests/unit/promotion/execution` and end
to end in the sandbox.
"""

import pytest

DEV = "333333333333"


@pytest.fixture
def deployed(aws, project):
    aws.prepare_workload()
    project.release()
    project.promote("plan", "dev", "--no-terraform")
    project.promote("apply", str(project.root / "build/plans/dev.plan"), "--yes")
    aws.start_recording()
    return aws


def executions(aws):
    client = aws.client("sagemaker", DEV)
    return client.list_pipeline_executions(PipelineName="mammography-train")[
        "PipelineExecutionSummaries"
    ]


def test_run__no_wait__starts_and_prints_the_arn(deployed, project):
    result = project.promote(
        "run", "dev", "mammography", "train", "-p", "Rounds=3", "-p", "InputUri=s3://b/k=v",
        "--no-wait",
    )  # fmt: skip
    assert deployed.writes() == ["StartPipelineExecution"]
    [execution] = executions(deployed)
    assert (result.exit_code, result.stdout) == (0, execution["PipelineExecutionArn"] + "\n")
    client = deployed.client("sagemaker", DEV)
    parameters = client.list_pipeline_parameters_for_execution(
        PipelineExecutionArn=execution["PipelineExecutionArn"]
    )["PipelineParameters"]
    assert parameters == [
        {"Name": "Rounds", "Value": "3"},
        {"Name": "InputUri", "Value": "s3://b/k=v"},
    ]


def test_run__dry_run__starts_nothing(deployed, project):
    result = project.promote("run", "dev", "mammography", "train", "-p", "Rounds=3", "--dry-run")
    assert (result.exit_code, result.stdout) == (
        0,
        f"would start mammography-train in account {DEV}\n",
    )
    assert (deployed.writes(), executions(deployed)) == ([], [])


def test_run__wrong_parameters__tells_all_and_starts_nothing(deployed, project):
    result = project.promote(
        "run", "dev", "mammography", "train", "-p", "Depth=3", "-p", "MinimumAuc=high"
    )
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "error: pipeline mammography-train does not take these parameters; nothing was started",
        "  - Depth: no such parameter",
        "  - MinimumAuc: 'high' is not of type Float",
        "  - Rounds (Integer): a value is needed",
        "next: it takes: InputUri (String), MinimumAuc (Float), TrainingInstanceType (String), "
        "Rounds (Integer)",
    ]
    assert (deployed.writes(), executions(deployed)) == ([], [])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["dev", "lungs", "train"], "environment dev has no use case lungs"),
        (["dev", "mammography", "score"], "use case mammography has no pipeline score in dev"),
        (["registry", "mammography", "train"], "environment 'registry' runs no pipelines"),
        (["dev", "mammography", "train", "-p", "Rounds"], "'Rounds' is not Name=Value"),
    ],
)
def test_run__wrong_words__call_nothing(aws, project, words, message):
    aws.start_recording()
    result = project.promote("run", *words)
    assert (result.exit_code, aws.calls()) == (2, [])
    assert message in result.stderr


def test_run__pipeline_not_deployed__says_how_to_deploy(aws, project):
    result = project.promote("run", "dev", "mammography", "train")
    assert result.exit_code == 1
    assert result.stderr == (
        f"error: pipeline mammography-train is not deployed in dev ({DEV})\n"
        "next: plan and apply a release: promote plan dev\n"
    )
