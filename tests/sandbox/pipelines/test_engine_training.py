"""Training jobs and transform jobs with the local XGBoost, against XGBoost used directly."""

from __future__ import annotations

import io
import json
import tarfile

import numpy as np
import pytest
import xgboost as xgb

from sandbox.model import ServiceError

HYPERPARAMETERS = {
    "objective": "binary:logistic",
    "num_round": "20",
    "eta": "0.2",
    "max_depth": "3",
    "eval_metric": "auc",
    "seed": "7",
}


def _data(rows=200, seed=1):
    """Return (features, label): four float columns with missing values, a binary label."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(rows, 4)).round(4)
    label = (features[:, 0] + features[:, 1] ** 2 > 0.5).astype(float)
    features[random.random(features.shape) < 0.1] = np.nan
    return features, label


def _csv(features, label=None):
    table = features if label is None else np.column_stack([label, features])
    return "".join(
        ",".join("" if np.isnan(value) else repr(float(value)) for value in row) + "\n"
        for row in table
    )


def _channel(name, uri, content_type="text/csv"):
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    channel = {"ChannelName": name, "DataSource": {"S3DataSource": source}}
    return {**channel, **({"ContentType": content_type} if content_type else {})}


def _request(make, hyperparameters=None, channels=None, **more):
    return {
        "AlgorithmSpecification": {"TrainingImage": make.IMAGE, "TrainingInputMode": "File"},
        "RoleArn": make.ROLE,
        "HyperParameters": HYPERPARAMETERS if hyperparameters is None else hyperparameters,
        "InputDataConfig": channels or [_channel("train", "s3://data/train")],
        "OutputDataConfig": {"S3OutputPath": "s3://data/models"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 10,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **more,
    }


def _train(engine, make, *args, **more):
    engine.call("CreateTrainingJob", TrainingJobName="t", **_request(make, *args, **more))
    engine.service.wait_idle(60)
    return engine.call("DescribeTrainingJob", TrainingJobName="t")


def _booster(engine, uri):
    with tarfile.open(fileobj=io.BytesIO(engine.world.s3.get(uri))) as archive:
        assert archive.getnames() == ["xgboost-model"]
        booster = xgb.Booster()
        booster.load_model(bytearray(archive.extractfile("xgboost-model").read()))
    return booster


def _direct(features, label, rounds=20):
    """Train with XGBoost itself: the independent derivation."""
    parameters = {
        "objective": "binary:logistic",
        "eta": 0.2,
        "max_depth": 3,
        "eval_metric": ["auc"],
        "seed": 7,
    }
    matrix = xgb.DMatrix(features.astype(np.float32), label=label)
    return xgb.train(parameters, matrix, num_boost_round=rounds)


def test_training_job__xgboost__same_model_as_xgboost_itself(engine, make):
    features, label = _data()
    engine.world.s3.put("s3://data/train/part-1.csv", _csv(features[:120], label[:120]))
    engine.world.s3.put("s3://data/train/part-2.csv", _csv(features[120:], label[120:]))
    metrics = [{"Name": "train:auc", "Regex": r".*\[[0-9]+\].*#011train-auc:([0-9.]+).*"}]
    found = _train(
        engine,
        make,
        AlgorithmSpecification={
            "TrainingImage": make.IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": metrics,
        },
    )
    assert found["TrainingJobStatus"] == found["SecondaryStatus"] == "Completed", found
    assert found["ModelArtifacts"] == {"S3ModelArtifacts": "s3://data/models/t/output/model.tar.gz"}
    trained = _booster(engine, found["ModelArtifacts"]["S3ModelArtifacts"])
    direct = _direct(features, label)
    matrix = xgb.DMatrix(features)
    np.testing.assert_array_equal(trained.predict(matrix), direct.predict(matrix))
    assert [row["Status"] for row in found["SecondaryStatusTransitions"]] == [
        "Downloading",
        "Training",
        "Uploading",
    ]
    (metric,) = found["FinalMetricDataList"]
    assert metric["MetricName"] == "train:auc"
    expected = float(direct.eval(xgb.DMatrix(features, label=label), "x", 0).rpartition(":")[2])
    assert metric["Value"] == pytest.approx(expected, abs=1e-5)


def test_training_job__early_stopping__best_rounds_kept(engine, make):
    features, label = _data(300)
    engine.world.s3.put("s3://data/train/x.csv", _csv(features[:200], label[:200]))
    engine.world.s3.put("s3://data/validation/x.csv", _csv(features[200:], label[200:]))
    parameters = {**HYPERPARAMETERS, "num_round": "300", "early_stopping_rounds": "5"}
    channels = [
        _channel("train", "s3://data/train/"),
        _channel("validation", "s3://data/validation/"),
    ]
    found = _train(engine, make, parameters, channels)
    trained = _booster(engine, found["ModelArtifacts"]["S3ModelArtifacts"])
    validation = xgb.DMatrix(features[200:].astype(np.float32), label=label[200:])
    history = {}
    xgb.train(
        {
            "objective": "binary:logistic",
            "eta": 0.2,
            "max_depth": 3,
            "eval_metric": ["auc"],
            "seed": 7,
        },
        xgb.DMatrix(features[:200].astype(np.float32), label=label[:200]),
        num_boost_round=300,
        evals=[(validation, "validation")],
        evals_result=history,
        verbose_eval=False,
    )
    curve = history["validation"]["auc"]
    # The first round that none of the next five improves on.
    best = next(i for i, value in enumerate(curve) if max(curve[i + 1 : i + 6]) <= value)
    assert trained.num_boosted_rounds() == best + 1 < 300


def test_training_job__same_data__same_bytes(engine, make):
    features, label = _data(50)
    engine.world.s3.put("s3://data/train/x.csv", _csv(features, label))
    first = engine.world.s3.get(_train(engine, make)["ModelArtifacts"]["S3ModelArtifacts"])
    engine.call("CreateTrainingJob", TrainingJobName="u", **_request(make))
    engine.service.wait_idle(60)
    assert engine.world.s3.get("s3://data/models/u/output/model.tar.gz") == first


def test_training_job__no_objects__refused_at_creation(engine, make):
    with pytest.raises(ServiceError) as caught:
        _train(engine, make)
    assert caught.value.code == "ValidationException"
    assert caught.value.message.startswith(
        'No S3 objects found under S3 URL "s3://data/train" given in input data source. '
    )
    assert engine.call("ListTrainingJobs") == {"TrainingJobSummaries": []}


USER_ERROR = "AlgorithmError: framework error: \nsagemaker_algorithm_toolkit.exceptions.UserError: "


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"num_round": None}, "Missing required hyperparameter: num_round"),
        (
            {"max_depth": "deep"},
            "Hyperparameter max_depth: could not parse value (caused by ValueError)",
        ),
        ({"eta": "2"}, "Hyperparameter eta: 2.0 is not in [0, 1]"),
        ({"colour": "red"}, "Extraneous hyperparameter found: colour"),
        (
            {"objective": "multi:softmax", "eval_metric": None},
            "Require input for parameter 'num_class' for multi-classification",
        ),
        (
            {"objective": "reg:squarederror"},
            "Metric 'auc' can only be applied for classification and ranking problems.",
        ),
    ],
)
def test_training_job__bad_hyperparameter__the_images_message(engine, make, change, reason):
    features, label = _data(20)
    engine.world.s3.put("s3://data/train/x.csv", _csv(features, label))
    merged = {**HYPERPARAMETERS, **change}
    found = _train(engine, make, {key: value for key, value in merged.items() if value is not None})
    assert found["TrainingJobStatus"] == "Failed"
    assert found["FailureReason"] == f"{USER_ERROR}{reason}, exit code: 1"
    assert engine.world.s3.keys("models") == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "No data in training channel path /opt/ml/input/data/train"),
        (
            "label,age\n1,2\n",
            "Failed to load csv data with exception:\nx.csv line 1: could not convert string to "
            "float: 'label' (the data must have the label in column 0 and no header)",
        ),
        (
            "1,2\n1,2,3\n",
            "Failed to load csv data with exception:\nx.csv line 2 has 3 columns instead of 2",
        ),
        (
            ",2\n",
            "Failed to load csv data with exception:\na label (column 0) is missing",
        ),
    ],
)
def test_training_job__bad_data__the_images_message(engine, make, body, reason):
    engine.world.s3.put("s3://data/train/x.csv", body)
    found = _train(engine, make)
    assert found["FailureReason"] == f"{USER_ERROR}{reason}, exit code: 1"


def test_training_job__libsvm__same_as_dense(engine, make):
    features, label = _data(60)
    lines = (
        " ".join([str(y), *(f"{i}:{float(v)!r}" for i, v in enumerate(row) if not np.isnan(v))])
        for y, row in zip(label, features, strict=True)
    )
    engine.world.s3.put("s3://data/train/x.libsvm", "\n".join(lines))
    found = _train(engine, make, channels=[_channel("train", "s3://data/train", None)])
    trained = _booster(engine, found["ModelArtifacts"]["S3ModelArtifacts"])
    matrix = xgb.DMatrix(features)
    expected = _direct(features, label).predict(matrix)
    np.testing.assert_array_equal(trained.predict(matrix), expected)


def test_training_job__script__environment_arguments_and_artifacts(engine, make):
    engine.world.s3.put("s3://data/train/x.csv", "1,2\n")
    script = (
        "import os, sys, pathlib\n"
        "model = pathlib.Path(os.environ['SM_MODEL_DIR'])\n"
        "rows = pathlib.Path(os.environ['SM_CHANNEL_TRAIN'], 'x.csv').read_text()\n"
        "(model / 'm').write_text(' '.join(sys.argv[1:]) + rows + os.environ['SM_HP_DEPTH'])\n"
        "pathlib.Path(os.environ['SM_OUTPUT_DATA_DIR'], 'o').write_text('o')\n"
    )
    # The directory is fetched from S3 by the container; without one the code is in place.
    entry = [
        "sh",
        "-c",
        'mkdir -p /opt/ml/code && printf %s "$SCRIPT" > /opt/ml/code/t.py && '
        'exec python3 "$PROGRAM"',
    ]
    from sandbox.images import PROGRAMS

    found = _train(
        engine,
        make,
        {"sagemaker_program": '"t.py"', "depth": "3"},
        AlgorithmSpecification={
            "TrainingImage": make.IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": entry,
        },
        Environment={"SCRIPT": script, "PROGRAM": str(PROGRAMS / "script_training.py")},
    )
    assert found["TrainingJobStatus"] == "Completed", found
    with tarfile.open(
        fileobj=io.BytesIO(engine.world.s3.get("s3://data/models/t/output/model.tar.gz"))
    ) as archive:
        assert archive.extractfile("m").read() == b"--depth 31,2\n3"
    assert engine.world.s3.keys("models") == [
        "models/t/output/model.tar.gz",
        "models/t/output/output.tar.gz",
    ]


def _serve(engine, make, booster, **model):
    """Store a model and the SageMaker model that serves it."""
    raw = bytes(booster.save_raw("ubj"))
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(raw)
        archive.addfile(member, io.BytesIO(raw))
    engine.world.s3.put("s3://data/model.tar.gz", target.getvalue())
    container = {"Image": make.IMAGE, "ModelDataUrl": "s3://data/model.tar.gz"}
    engine.world.models["m"] = {
        "ModelName": "m",
        "ExecutionRoleArn": make.MODEL_ROLE,
        "PrimaryContainer": container,
        **model,
    }


def _transform(engine, uri="s3://data/batch", source=None, output=None, **more):
    place = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}
    request = {
        "TransformJobName": "x",
        "ModelName": "m",
        "TransformInput": {
            "DataSource": place,
            "ContentType": "text/csv",
            "SplitType": "Line",
            **(source or {}),
        },
        "TransformOutput": {
            "S3OutputPath": "s3://data/predictions",
            "Accept": "text/csv",
            "AssembleWith": "Line",
            **(output or {}),
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **more,
    }
    engine.call("CreateTransformJob", **request)
    engine.service.wait_idle(60)
    return engine.call("DescribeTransformJob", TransformJobName="x")


def _predicted(booster, features):
    return [repr(float(value)) for value in booster.predict(xgb.DMatrix(features))]


@pytest.mark.parametrize(
    "more",
    [
        {"BatchStrategy": "MultiRecord"},
        {"BatchStrategy": "SingleRecord"},
        {"source": {"SplitType": "None"}},
        {"output": {"AssembleWith": "None"}},
    ],
)
def test_transform_job__strategies__same_predictions_as_xgboost(engine, make, more):
    features, label = _data(40)
    booster = _direct(features, label)
    _serve(engine, make, booster)
    engine.world.s3.put("s3://data/batch/sub/b.csv", _csv(features))
    found = _transform(engine, **more)
    assert found["TransformJobStatus"] == "Completed", found
    text = engine.world.s3.get("s3://data/predictions/sub/b.csv.out").decode()
    assert text == "".join(f"{value}\n" for value in _predicted(booster, features))
    assert {role for _, role in engine.world.sessions} == {make.MODEL_ROLE}


FILTERS = [
    # InputFilter, JoinSource, OutputFilter -> what stands in a line, of input and prediction
    ("$[1:]", "None", "$", lambda row, score: [score]),
    ("$[1:]", "Input", "$", lambda row, score: [*row, score]),
    ("$[1:]", "Input", "$[0,-1]", lambda row, score: [row[0], score]),
    ("$[1:]", "Input", "$[-1]", lambda row, score: [score]),
    ("$[1:]", "Input", "$[:2]", lambda row, score: row[:2]),
    ("$[1,2,3,4]", "Input", "$[0, 5]", lambda row, score: [row[0], score]),
    ("$[-4:]", "Input", "$[0:1]", lambda row, score: [row[0]]),
]


@pytest.mark.parametrize("case", FILTERS)
def test_transform_job__data_processing__joins_and_filters(engine, make, case):
    input_filter, join, output_filter, expected = case
    features, label = _data(25)
    booster = _direct(features, label)
    _serve(engine, make, booster)
    lines = [f"id-{i},{line}" for i, line in enumerate(_csv(features).splitlines())]
    engine.world.s3.put("s3://data/batch/b.csv", "\n".join(lines) + "\n")
    found = _transform(
        engine,
        DataProcessing={
            "InputFilter": input_filter,
            "JoinSource": join,
            "OutputFilter": output_filter,
        },
    )
    assert found["TransformJobStatus"] == "Completed", found
    text = engine.world.s3.get("s3://data/predictions/b.csv.out").decode()
    scores = _predicted(booster, features)
    rows = [line.split(",") for line in lines]
    wanted = [
        ",".join(expected(row, score)) + "\n" for row, score in zip(rows, scores, strict=True)
    ]
    assert text == "".join(wanted)


def test_transform_job__several_payloads__order_is_kept(engine, make):
    features, label = _data(40)
    booster = _direct(features, label)
    _serve(engine, make, booster)
    many = np.tile(features, (1500, 1))  # about 1.8 MB: two payloads of 1 MB
    engine.world.s3.put("s3://data/batch/b.csv", _csv(many))
    _transform(engine, MaxPayloadInMB=1)
    text = engine.world.s3.get("s3://data/predictions/b.csv.out").decode()
    assert text.splitlines() == _predicted(booster, many)


def test_transform_job__model_package_of_another_account__served(engine, make):
    features, label = _data(30)
    booster = _direct(features, label)
    package = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/g/1"
    _serve(engine, make, booster, PrimaryContainer={"ModelPackageName": package})
    engine.world.packages[package] = {
        "InferenceSpecification": {
            "Containers": [{"Image": make.IMAGE, "ModelDataUrl": "s3://data/model.tar.gz"}]
        }
    }
    engine.world.s3.put("s3://data/batch/b.csv", _csv(features))
    assert _transform(engine)["TransformJobStatus"] == "Completed"
    assert ("sagemaker", make.MODEL_ROLE) in engine.world.sessions


def test_transform_job__not_numbers__bad_status_is_the_reason(engine, make):
    features, label = _data(30)
    _serve(engine, make, _direct(features, label))
    engine.world.s3.put("s3://data/batch/b.csv", "id,age\n")
    found = _transform(engine)
    assert found["TransformJobStatus"] == "Failed"
    assert found["FailureReason"] == (
        "ClientError: Bad HTTP status received from algorithm: 415. Loading csv data failed with "
        "Exception, please ensure data is in csv format: could not convert string to float: 'id' "
        "See job logs for more information"
    )
    assert engine.world.s3.keys("predictions") == []


def test_transform_job__accept_that_the_image_has_not__status_406(engine, make):
    features, label = _data(30)
    _serve(engine, make, _direct(features, label))
    engine.world.s3.put("s3://data/batch/b.csv", _csv(features))
    found = _transform(engine, output={"Accept": "application/x-npy"})
    assert found["FailureReason"].startswith(
        "ClientError: Bad HTTP status received from algorithm: 406. Accept type application/x-npy"
    )


def test_transform_job__archive_without_a_model__algorithm_error(engine, make):
    features, label = _data(30)
    _serve(engine, make, _direct(features, label))
    with tarfile.open(fileobj=(empty := io.BytesIO()), mode="w:gz"):
        pass
    engine.world.s3.put("s3://data/model.tar.gz", empty.getvalue())
    engine.world.s3.put("s3://data/batch/b.csv", _csv(features))
    assert _transform(engine)["FailureReason"] == "AlgorithmError: , exit code: 1"


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (
            {"PrimaryContainer": {"Image": "x/own:1", "ModelDataUrl": "s3://data/model.tar.gz"}},
            "ClientError: The sandbox has no local runner for image x/own:1 ",
        ),
        (
            {"PrimaryContainer": {}},
            "ClientError: 'm' has 0 containers; the sandbox serves exactly one",
        ),
    ],
)
def test_transform_job__model_that_cannot_be_served__clear_failure(engine, make, model, reason):
    features, label = _data(30)
    _serve(engine, make, _direct(features, label), **model)
    engine.world.s3.put("s3://data/batch/b.csv", _csv(features))
    assert _transform(engine)["FailureReason"].startswith(reason)


def test_transform_job__missing_artifact_input_and_model__clear_failures(engine, make):
    features, label = _data(30)
    assert "Model 'm' cannot be described" in _transform(engine)["FailureReason"]
    _serve(engine, make, _direct(features, label))
    found = _transform(engine, TransformJobName="y")
    found = engine.call("DescribeTransformJob", TransformJobName="y")
    assert found["FailureReason"].startswith(
        'ClientError: No S3 objects found under S3 URL "s3://data/batch" given in input data'
    )
    del engine.world.s3.objects["data", "model.tar.gz"]
    _transform(engine, TransformJobName="z")
    found = engine.call("DescribeTransformJob", TransformJobName="z")
    assert found["FailureReason"].startswith("ClientError: Data download failed: NoSuchKey (404)")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            {"source": {"SplitType": "RecordIO"}},
            "TransformInput: the sandbox does not split by RecordIO; use Line",
        ),
        (
            {"DataProcessing": {"InputFilter": "$.features"}},
            "DataProcessing InputFilter: '$.features' is not a filter for CSV rows: write $, "
            "$[1:], $[:-1] or $[0,-1]",
        ),
        (
            {
                "source": {"ContentType": "application/json"},
                "DataProcessing": {"JoinSource": "Input"},
            },
            "DataProcessing: the sandbox filters and joins ContentType text/csv only",
        ),
    ],
)
def test_create_transform_job__what_is_not_run__refused(engine, more, problem):
    with pytest.raises(ServiceError) as caught:
        _transform(engine, **more)
    assert (caught.value.code, caught.value.message) == ("ValidationException", problem)


def test_pipeline__train_then_transform__through_steps(engine, make):
    features, label = _data()
    engine.world.s3.put("s3://data/train/x.csv", _csv(features, label))
    engine.world.s3.put("s3://data/batch/b.csv", _csv(features))
    train = {"Name": "Train", "Type": "Training", "Arguments": _request(make)}
    model = {
        "Name": "Model",
        "Type": "Model",
        "Arguments": {
            "ExecutionRoleArn": make.MODEL_ROLE,
            "PrimaryContainer": {
                "Image": make.IMAGE,
                "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
            },
        },
    }
    place = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/batch/"}}
    transform = {
        "Name": "Transform",
        "Type": "Transform",
        "Arguments": {
            "ModelName": {"Get": "Steps.Model.ModelName"},
            "TransformInput": {"DataSource": place, "ContentType": "text/csv", "SplitType": "Line"},
            "TransformOutput": {"S3OutputPath": "s3://data/predictions"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        },
    }
    description, steps = engine.run([transform, model, train])
    assert description["PipelineExecutionStatus"] == "Succeeded", steps
    assert list(steps) == ["Train", "Model", "Transform"]
    assert {kind: row["Metadata"] for kind, row in steps.items()}.keys() == steps.keys()
    text = engine.world.s3.get("s3://data/predictions/b.csv.out").decode()
    assert text.splitlines() == _predicted(_direct(features, label), features)
    assert json.dumps(steps)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"AlgorithmSpecification": {"TrainingInputMode": "File", "AlgorithmName": "a"}},
            "AlgorithmSpecification: the sandbox needs TrainingImage",
        ),
        (
            {"AlgorithmSpecification": {"TrainingInputMode": "Pipe", "TrainingImage": "a"}},
            "The sandbox does not run input mode Pipe; use File or FastFile",
        ),
        (
            {
                "InputDataConfig": [
                    {
                        "ChannelName": "train",
                        "DataSource": {
                            "S3DataSource": {
                                "S3DataType": "AugmentedManifestFile",
                                "S3Uri": "s3://data/x",
                            }
                        },
                    }
                ]
            },
            "Channel 'train': the sandbox reads S3DataSource with S3DataType S3Prefix or "
            "ManifestFile only",
        ),
    ],
)
def test_create_training_job__what_is_not_run__refused(engine, make, change, problem):
    with pytest.raises(ServiceError) as caught:
        _train(engine, make, **change)
    assert (caught.value.code, caught.value.message) == ("ValidationException", problem)


def test_create_training_job__role_not_assumable__refused(engine, make):
    engine.world.untrusting.add(make.ROLE)
    with pytest.raises(ServiceError, match=f"Could not assume role {make.ROLE}"):
        _train(engine, make)


def test_training_job__uncompressed__model_files_under_a_prefix(engine, make):
    features, label = _data(50)
    engine.world.s3.put("s3://data/train/x.csv", _csv(features, label))
    output = {"S3OutputPath": "s3://data/models", "CompressionType": "NONE"}
    found = _train(engine, make, OutputDataConfig=output)
    assert found["ModelArtifacts"] == {"S3ModelArtifacts": "s3://data/models/t/output/model/"}
    assert engine.world.s3.keys("models") == ["models/t/output/model/xgboost-model"]


def test_training_job__script_fails__its_error_is_the_reason(engine, make):
    engine.world.s3.put("s3://data/train/x.csv", "1,2\n")
    from sandbox.images import PROGRAMS

    entry = (
        "mkdir -p /opt/ml/code && echo 'raise ValueError(5)' > /opt/ml/code/t.py && "
        f"exec python3 {PROGRAMS / 'script_training.py'}"
    )
    specification = {
        "TrainingImage": make.IMAGE,
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["sh", "-c", entry],
    }
    found = _train(
        engine, make, {"sagemaker_program": "t.py"}, AlgorithmSpecification=specification
    )
    reason = found["FailureReason"]
    assert reason.startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage ")
    assert "ValueError: 5" in reason
    assert reason.endswith(", exit code: 1")


def test_transform_job__payload_over_the_limit__says_so(engine, make):
    features, label = _data(30)
    _serve(engine, make, _direct(features, label))
    engine.world.s3.put("s3://data/batch/b.csv", _csv(np.tile(features, (2000, 1))))
    found = _transform(engine, source={"SplitType": "None"}, MaxPayloadInMB=1)
    assert found["FailureReason"] == (
        "ClientError: An input object is larger than MaxPayloadInMB (1); set SplitType Line"
    )


def test_transform_job__gzip_input__read(engine, make):
    import gzip

    features, label = _data(30)
    booster = _direct(features, label)
    _serve(engine, make, booster)
    engine.world.s3.put("s3://data/batch/b.csv.gz", gzip.compress(_csv(features).encode()))
    _transform(engine, source={"CompressionType": "Gzip"})
    text = engine.world.s3.get("s3://data/predictions/b.csv.gz.out").decode()
    assert text.splitlines() == _predicted(booster, features)
