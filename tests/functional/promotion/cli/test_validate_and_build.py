"""`promote validate`, `promote build`, and what every command has in common."""

import io
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import botocore
import pytest
import typer

from promotion.cli.main import COMMANDS, app, main
from promotion.cli.ui import Ui
from promotion.errors import ConfigError

ROOT = Path(__file__).parents[4]
DEFINITION = {
    "Version": "2020-12-01",
    "Steps": [{"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}],
}


@dataclass
class Ran:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str


def promote(project: Path, *words: str) -> Ran:
    stdout, stderr = io.StringIO(), io.StringIO()
    code = main(["--root", str(project), *words], ui=Ui(stdout=stdout, stderr=stderr))
    return Ran(code, stdout.getvalue(), stderr.getvalue())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "tests" / "environments", tmp_path / "environments")
    folder = tmp_path / "pipelines" / "mammography"
    folder.mkdir(parents=True)
    (folder / "use_case.toml").write_text(
        'name = "mammography"\ntitle = "t"\nowner = "o"\n[pipelines]\n'
        'train = "train.json"\ninference = "inference.json"\n'
    )
    for name in ("train", "inference"):
        (folder / f"{name}.json").write_text(json.dumps(DEFINITION))
    return tmp_path


def test_validate__valid_project__says_what_it_read(project: Path) -> None:
    assert promote(project, "validate") == Ran(
        0, "valid: environments dev, prod, registry, tooling; use cases mammography\n", ""
    )


def test_validate__region_that_aws_does_not_have__is_told_with_file_and_key(project: Path) -> None:
    file = project / "environments/dev.tfvars.json"
    file.write_text(file.read_text().replace("eu-west-1", "eu-west-9"))
    ran = promote(project, "validate")
    assert (ran.code, ran.stdout) == (2, "")
    assert (
        f"  - environments/dev.tfvars.json: region: botocore {botocore.__version__} knows no "
        "region 'eu-west-9'\n"
    ) in ran.stderr


def test_validate__problems_of_several_files__exit_2_with_all_on_stderr(project: Path) -> None:
    (project / "environments/dev.tfvars.json").write_text("{")
    (project / "pipelines/mammography/use_case.toml").write_text("=")
    ran = promote(project, "validate")
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == (
        "error: 2 problems in environments/ and pipelines/\n"
        "  - environments/dev.tfvars.json: line 1 column 2: not JSON: Expecting property name "
        "enclosed in double quotes\n"
        "  - pipelines/mammography/use_case.toml: not TOML: Invalid statement (at line 1, column "
        "1)\n"
        "next: docs/reference/environment.md lists the keys of environment files\n"
    )


def spoil(project: Path, old: str, new: str) -> None:
    path = project / "environments/dev.tfvars.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            '"event_bus"',
            '"event_buss": "x", "event_bus"',
            "environments/dev.tfvars.json: event_buss: unknown key (did you mean 'event_bus'?)",
        ),
        (
            '"event_bus"',
            '"event_bus": "x", "event_bus"',
            "environments/dev.tfvars.json: event_bus: the key stands twice",
        ),
        (
            '"333333333333"',
            "333333333333",
            "environments/dev.tfvars.json: account_id: Input should be a valid string",
        ),
        (
            '"acme-ml-model-artifacts"',
            '"other"',
            "environments/dev.tfvars.json: buckets.artifacts: is 'other' but "
            "'acme-ml-model-artifacts' in the registry",
        ),
    ],
    ids=["unknown key", "duplicate key", "wrong type", "other bucket than the registry's"],
)
def test_validate__bad_environment_file__exits_2_with_file_and_key(
    project: Path, old: str, new: str, problem: str
) -> None:
    spoil(project, old, new)
    assert promote(project, "validate") == Ran(
        2,
        "",
        "error: 1 problem in environments/ and pipelines/\n"
        f"  - {problem}\n"
        "next: docs/reference/environment.md lists the keys of environment files\n",
    )


def test_validate__use_case_folder_without_declaration__is_named(project: Path) -> None:
    (project / "pipelines/lungs").mkdir()
    (project / "pipelines/lungs/train.py").write_text("")
    ran = promote(project, "validate")
    assert (ran.code, ran.stdout) == (2, "")
    assert "  - pipelines/lungs: has no use_case.toml: add it, or remove the folder\n" in ran.stderr


def test_validate__folder_with_caches_only__is_no_use_case(project: Path) -> None:
    cache = project / "pipelines/removed/__pycache__"
    cache.mkdir(parents=True)
    (cache / "train.cpython-311.pyc").write_bytes(b"")
    assert promote(project, "validate").code == 0


def test_validate__json__is_one_object_whether_valid_or_not(project: Path) -> None:
    names = {
        "environments": ["dev", "prod", "registry", "tooling"],
        "use_cases": ["mammography"],
        "schema_version": 1,
    }
    ran = promote(project, "validate", "--json")
    assert (ran.code, json.loads(ran.stdout)) == (0, {**names, "valid": True, "problems": []})
    shutil.rmtree(project / "pipelines/mammography")
    ran = promote(project, "validate", "--json")
    found = json.loads(ran.stdout)
    assert (ran.code, found["valid"], found["problems"]) == (
        2,
        False,
        [
            f"environments/{name}.tfvars.json: use_cases.mammography: there is no "
            "pipelines/mammography/use_case.toml"
            for name in ("dev", "prod")
        ],
    )


def test_validate__empty_folder__says_where_to_run(tmp_path: Path) -> None:
    ran = promote(tmp_path, "validate")
    assert ran.code == 2
    assert f"environments/ in {tmp_path} holds no *.tfvars.json file" in ran.stderr


def test_build__use_case__prints_path_and_digest(project: Path) -> None:
    ran = promote(project, "build", "mammography")
    path, digest = ran.stdout.split()
    assert (ran.code, len(digest)) == (0, 64)
    assert path == f"build/releases/mammography-{digest[:12]}.tar"
    assert (project / path).is_file()
    assert ran.stderr == (
        "building mammography\n"
        "warning: mammography: pipelines/mammography has changes that are not committed\n"
    )


def test_build__out__writes_there_and_nowhere_else(project: Path) -> None:
    ran = promote(project, "build", "--out", "elsewhere", "--json")
    (release,) = json.loads(ran.stdout)["releases"]
    assert release["path"] == f"elsewhere/mammography-{release['digest'][:12]}.tar"
    assert [path.name for path in (project / "elsewhere").iterdir()] == [Path(release["path"]).name]
    assert [path.name for path in (project / "build").iterdir()] == ["cache"]
    archive, kept = sorted((project / "build" / "cache").iterdir(), key=lambda path: len(path.name))
    assert archive.name == "mammography.json"
    assert re.fullmatch(r"mammography-[0-9a-f]{24}\.json", kept.name)


def test_build__json__has_the_agreed_keys(project: Path) -> None:
    first = promote(project, "build", "--json")
    again = promote(project, "build", "mammography", "mammography", "--json")
    assert first.stdout == again.stdout
    document = json.loads(first.stdout)
    digest = document["releases"][0]["digest"]
    assert document == {
        "schema_version": 1,
        "releases": [
            {
                "use_case": "mammography",
                "digest": digest,
                "path": f"build/releases/mammography-{digest[:12]}.tar",
                "git_commit": "uncommitted",
                "dirty": True,
            }
        ],
    }


def test_build__wrong_definition__exits_1_and_writes_nothing(project: Path) -> None:
    path = project / "pipelines/mammography/train.json"
    path.write_text(json.dumps({**DEFINITION, "Version": "1"}))
    ran = promote(project, "build", "--json")
    assert (ran.code, ran.stdout) == (1, "")
    assert ran.stderr == (
        "building mammography\n"
        "error: use case 'mammography' cannot be built\n"
        "  - pipeline train: Version: is '1', not '2020-12-01'\n"
    )
    assert not (project / "build").exists()


def fail_with(message: str) -> dict[str, object]:
    step = {"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": message}}
    return {**DEFINITION, "Steps": [step]}


@pytest.mark.parametrize(
    ("definition", "problem"),
    [
        (
            {**DEFINITION, "Steps": [{"Name": "Look", "Type": "Magic", "Arguments": {}}]},
            "pipeline train: step Look: Type: 'Magic' is not a step type",
        ),
        (
            fail_with("${env.moon}"),
            "pipeline train: step Stop: Arguments.ErrorMessage: ${env.moon}: unknown token",
        ),
        (
            fail_with("${code.steps/gone.py}"),
            "pipeline train: step Stop: Arguments.ErrorMessage: ${code.steps/gone.py}: the use "
            "case has no file 'steps/gone.py'",
        ),
    ],
    ids=["step type", "token", "script"],
)
def test_build__unknown_step_type_token_or_script__exits_1_and_writes_nothing(
    project: Path, definition: dict[str, object], problem: str
) -> None:
    (project / "pipelines/mammography/train.json").write_text(json.dumps(definition))
    assert promote(project, "build", "mammography") == Ran(
        1,
        "",
        f"building mammography\nerror: use case 'mammography' cannot be built\n  - {problem}\n",
    )
    assert not (project / "build").exists()


@pytest.mark.parametrize(
    ("value", "message", "problem"),
    [
        ("time.time()", "two builds at once gave different definitions", "step Stop: "),
        ("random.random()", "two builds at once gave different definitions", "step Stop: "),
        (
            "boto3.client('s3').list_objects_v2(Bucket='b')",
            "cannot be built",
            "pipelines/mammography/train.py:5: AWS call s3.ListObjectsV2 is refused during a build",
        ),
        (
            "socket.create_connection(('127.0.0.1', 9))",
            "cannot be built",
            "pipelines/mammography/train.py:5: network access (socket.getaddrinfo, '127.0.0.1') "
            "is refused during a build",
        ),
    ],
    ids=["clock", "randomness", "AWS", "network"],
)
def test_build__module_that_looks_outside__exits_1_and_writes_nothing(
    project: Path, value: str, message: str, problem: str
) -> None:
    folder = project / "pipelines/mammography"
    declaration = folder / "use_case.toml"
    declaration.write_text(declaration.read_text().replace("train.json", "train.py:pipeline"))
    (folder / "train.py").write_text(
        "import random, socket, time\nimport boto3\n\ndef pipeline():\n"
        f"    message = str({value})\n"
        "    step = {'Name': 'Stop', 'Type': 'Fail', 'Arguments': {'ErrorMessage': message}}\n"
        "    return {'Version': '2020-12-01', 'Steps': [step]}\n"
    )
    ran = promote(project, "build", "mammography")
    assert (ran.code, ran.stdout) == (1, "")
    first, second = ran.stderr.splitlines()[1:3]
    assert first.startswith("error: use case 'mammography'")
    assert first.endswith(message)
    assert second.startswith(f"  - pipeline train: {problem}")
    assert "Traceback" not in ran.stderr
    assert not (project / "build").exists()


def test_build__folder_without_declaration__exits_2_and_writes_nothing(project: Path) -> None:
    (project / "pipelines/lungs").mkdir()
    (project / "pipelines/lungs/train.py").write_text("")
    assert promote(project, "build", "lungs") == Ran(
        2,
        "",
        "building lungs\n"
        "error: there is no use case 'lungs': pipelines/lungs/use_case.toml does not exist\n"
        "next: use cases: mammography\n",
    )
    assert not (project / "build").exists()


def test_build__unknown_use_case__exits_2(project: Path) -> None:
    ran = promote(project, "build", "other")
    assert (ran.code, ran.stdout) == (2, "")
    assert "error: there is no use case 'other'" in ran.stderr
    assert "next: use cases: mammography" in ran.stderr


def test_build__no_use_case_at_all__exits_2(tmp_path: Path) -> None:
    ran = promote(tmp_path, "build")
    assert ran.code == 2
    assert f"error: {tmp_path} has no use case" in ran.stderr


def test_main__debug__raises_the_error_itself(project: Path) -> None:
    with pytest.raises(ConfigError):
        main(["--debug", "--root", str(project), "build", "other"])


@pytest.mark.parametrize("words", [["bogus"], ["validate", "--bogus"], ["validate", "extra"]])
def test_main__wrong_usage__exits_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.startswith("Usage: promote")) == ("", True)


def test_main__help__lists_every_command_and_the_exit_codes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--help"]) == 0
    page = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n  {name} " not in page] == []
    assert "130 interrupted" in " ".join(page.split())


def every_command() -> list[list[str]]:
    commands = typer.main.get_command(app)
    lines: list[list[str]] = []
    for name in COMMANDS:
        subcommands = getattr(commands.get_command(None, name), "commands", {})  # type: ignore[attr-defined]
        lines.extend([name, subcommand] for subcommand in subcommands)
        if not subcommands:
            lines.append([name])
    return lines


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_main__help_of_a_command__has_examples_and_exit_codes(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--help"]) == 0
    page = capsys.readouterr().out
    assert f"Usage: promote {' '.join(words)}" in page
    assert "Example" in page
    assert "Exit codes: 0" in " ".join(page.split())


def test_main__help__imports_nothing_heavy() -> None:
    code = (
        "import sys; from promotion.cli.main import main; main(['--help']);"
        "heavy = {'boto3', 'botocore', 'pydantic', 'jinja2', 'rich', 'sagemaker'};"
        "sys.exit(','.join(sorted(heavy & sys.modules.keys())) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
