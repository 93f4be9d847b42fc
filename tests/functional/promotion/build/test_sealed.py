"""What a pipeline module may and may not do while it is built."""

from collections.abc import Callable
from pathlib import Path

import pytest

from promotion.build.obtain import obtain_definitions
from promotion.errors import BuildError

Write = Callable[..., Path]
SOURCES = {"train": "train.py:pipeline"}


def built(project: Path) -> object:
    """The message of the one step of the definition."""
    definition = obtain_definitions(project, "demo", SOURCES).definitions["train"]
    return definition["Steps"][0]["Arguments"]["ErrorMessage"]


def refused(project: Path) -> BuildError:
    with pytest.raises(BuildError) as caught:
        obtain_definitions(project, "demo", SOURCES)
    return caught.value


@pytest.mark.parametrize(
    "made",
    [
        "fail('x')",
        "json.dumps(fail('x'))",
        "types.SimpleNamespace(definition=lambda: json.dumps(fail('x')))",
        "types.SimpleNamespace(definition=lambda: fail('x'))",
    ],
)
def test_sealed__dict_text_or_object__is_a_definition(write: Write, made: str) -> None:
    project = write(f"import json, types\ndef pipeline():\n    return {made}\n")
    assert built(project) == "x"


def test_sealed__imports_by_package_name__mean_this_project(write: Write) -> None:
    project = write(
        "from pipelines.demo.helper import fail as same\ndef pipeline():\n"
        "    return same(__name__)\n"
    )
    assert built(project) == "pipelines.demo.train"


def test_sealed__harmless_reads__are_answered_without_leaving(write: Write) -> None:
    project = write(
        "import boto3\ndef pipeline():\n"
        "    s3 = boto3.client('s3')\n"
        "    s3.head_bucket(Bucket='any')\n"
        "    return fail(boto3.client('sts').get_caller_identity()['Account']\n"
        "        + s3.list_buckets()['Buckets'][0]['Name'])\n"
    )
    assert built(project) == "000000000000sagemaker-eu-neutral-1-000000000000"


def test_sealed__environment_of_the_caller__is_not_seen(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    project = write(
        "import os\ndef pipeline():\n"
        "    return fail(sorted(k for k in os.environ if k.startswith('AWS_')))\n"
    )
    assert built(project) == (
        "['AWS_ACCESS_KEY_ID', 'AWS_CONFIG_FILE', 'AWS_DEFAULT_REGION', "
        "'AWS_EC2_METADATA_DISABLED', 'AWS_REGION', 'AWS_SECRET_ACCESS_KEY', "
        "'AWS_SHARED_CREDENTIALS_FILE']"
    )


@pytest.mark.parametrize(
    ("code", "call"),
    [
        (
            "    import boto3\n    boto3.client('dynamodb').list_tables()\n",
            "pipelines/demo/train.py:4: AWS call dynamodb.ListTables",
        ),
        (
            "    import socket\n    socket.create_connection(('127.0.0.1', 9))\n",
            "pipelines/demo/train.py:4: network access (socket.getaddrinfo, '127.0.0.1')",
        ),
        (
            "    import socket\n    socket.socket().connect(('127.0.0.1', 9))\n",
            "pipelines/demo/train.py:4: network access (socket.connect, ('127.0.0.1', 9))",
        ),
        (
            "    import subprocess\n    subprocess.run(['true'])\n",
            "pipelines/demo/train.py:4: another process (subprocess.Popen, 'true')",
        ),
        (
            "    import os\n    os.system('true')\n",
            "pipelines/demo/train.py:4: another process (os.system, b'true')",
        ),
    ],
)
@pytest.mark.parametrize("swallowed", [False, True])
def test_sealed__call_to_the_outside__is_named_with_its_line(
    write: Write, code: str, call: str, swallowed: bool
) -> None:
    if swallowed:
        code = "    try:\n" + "".join(f"    {line}\n" for line in code.splitlines())
        code += "    except Exception: pass\n"
        call = call.replace(":4:", ":5:")
    error = refused(write(f"def pipeline():\n{code}    return fail('x')\n"))
    assert error.message == "use case 'demo' cannot be built"
    assert error.problems == (f"pipeline train: {call} is refused during a build",)


def test_sealed__call_in_a_librarys_thread__is_named_with_the_waiting_line(write: Write) -> None:
    project = write(
        "import boto3\ndef pipeline():\n"
        "    boto3.client('s3').upload_file(__file__, 'bucket', 'key')\n"
        "    return fail('x')\n"
    )
    assert refused(project).problems == (
        "pipeline train: pipelines/demo/train.py:4: AWS call s3.PutObject is refused during a "
        "build",
    )


@pytest.mark.parametrize(
    ("value", "imports"),
    [
        ("datetime.now().strftime('%Y')", "from datetime import datetime"),
        ("datetime.datetime.now(datetime.UTC).date()", "import datetime"),
        ("datetime.date.today()", "import datetime"),
        ("int(time.time() // 86400)", "import time"),
        ("time.strftime('%Y-%m-%d')", "import time"),
        ("time.gmtime().tm_hour", "import time"),
        ("time.ctime()", "import time"),
        ("uuid.uuid4()", "import uuid"),
        ("random.random()", "import random"),
        ("list({'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'})", ""),
        ("__file__", ""),
        ("os.getcwd()", "import os"),
        ("tempfile.gettempdir()", "import tempfile"),
    ],
)
def test_sealed__clock_randomness_order_and_place__make_builds_differ(
    write: Write, value: str, imports: str
) -> None:
    error = refused(write(f"{imports}\ndef pipeline():\n    return fail({value})\n"))
    assert error.message == "use case 'demo': two builds at once gave different definitions"
    (problem,) = error.problems
    assert problem.startswith("pipeline train: step Stop: Arguments.ErrorMessage: ")
    assert ", then " in problem


def test_sealed__steps_in_random_order__make_builds_differ(write: Write) -> None:
    project = write(
        "def pipeline():\n"
        "    made = fail('x')\n"
        "    names = {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'}\n"
        "    made['Steps'] = [{**made['Steps'][0], 'Name': name} for name in names]\n"
        "    return made\n"
    )
    assert refused(project).problems == ("pipeline train: the order of its steps differs",)


def test_sealed__seeded_randomness__is_no_problem(write: Write) -> None:
    project = write("import random\ndef pipeline():\n    return fail(random.Random(1).random())\n")
    assert built(project) == "0.13436424411240122"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (
            "def pipeline():\n    return 1 / 0\n",
            "pipelines/demo/train.py:3: ZeroDivisionError: divi",
        ),
        ("def pipeline()\n", "pipelines/demo/train.py:2: SyntaxError: expected ':'"),
        ("x = 1\n", "AttributeError: module 'pipelines.demo.train' has no attribute 'pipeline'"),
        ("import missing_x\n", "pipelines/demo/train.py:2: ModuleNotFoundError: No module named"),
        ("import sys\nsys.exit('bye')\n", "pipelines/demo/train.py:3: SystemExit: bye"),
        (
            "def pipeline():\n    return None\n",
            "NoDefinitionError: pipeline() returned no JSON object",
        ),
        (
            "def pipeline():\n    return {1: {2, 3}}\n",
            "NoDefinitionError: pipeline() returned dict, not a definition: Object of type set",
        ),
        (
            "def pipeline():\n    return {'x': float('nan')}\n",
            "NoDefinitionError: pipeline() returned dict, not a definition: Out of range float",
        ),
        (
            "def pipeline():\n    return 'not json'\n",
            "NoDefinitionError: pipeline() returned str, not a definition: Expecting value",
        ),
        ("def pipeline(needed):\n    return {}\n", "TypeError: pipeline() missing 1 required"),
    ],
)
def test_sealed__failing_module__is_told_with_its_line(
    write: Write, code: str, problem: str
) -> None:
    (found,) = refused(write(code)).problems
    assert found.startswith(f"pipeline train: {problem}")


def test_sealed__interpreter_that_dies__is_reported_with_its_last_words(write: Write) -> None:
    project = write(
        "import os, sys\ndef pipeline():\n"
        "    print('last words', file=sys.stderr, flush=True)\n    os._exit(7)\n"
    )
    error = refused(project)
    assert error.message == "use case 'demo': the sealed build ended with exit code 7"
    assert error.problems == ("last words",)


def test_sealed__several_pipelines__are_all_reported(write: Write) -> None:
    project = write("def pipeline():\n    return 1 / 0\n", **{"score.py": "import missing_x\n"})
    with pytest.raises(BuildError) as caught:
        obtain_definitions(project, "demo", {**SOURCES, "score": "score.py:pipeline"})
    assert [p.partition(": ")[0] for p in caught.value.problems] == [
        "pipeline train",
        "pipeline score",
    ]


def test_sealed__compiled_files__are_neither_used_nor_left(write: Write) -> None:
    project = write("def pipeline():\n    return fail('x')\n")
    assert built(project) == "x"
    assert list(project.rglob("__pycache__")) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n]", "pipelines/demo/train.json: line 2 column 1: not JSON: Expecting property name"),
        ("[]", "pipelines/demo/train.json: is not a JSON object"),
    ],
)
def test_obtain__json_file__must_be_an_object(write: Write, text: str, message: str) -> None:
    project = write(**{"train.json": text})
    with pytest.raises(BuildError) as caught:
        obtain_definitions(project, "demo", {"train": "train.json"})
    assert caught.value.message.startswith(message)
