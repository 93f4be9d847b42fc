"""Building a use case into a release, and the Lambda package."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from promotion.build import Release, build, package_handlers
from promotion.build.source import Origin, origin
from promotion.errors import BuildError

ROOT = Path(__file__).parents[4]
Write = Callable[..., Path]
FAIL = (
    '{"Version": "2020-12-01", "Steps": [{"Name": "Stop", "Type": "Fail", '
    '"Arguments": {"ErrorMessage": "${code.steps/x.py}"}}]}'
)
SDK_V3 = """\
from sagemaker.core.workflow.parameters import ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.pipeline import Pipeline

def pipeline():
    session = PipelineSession()
    region = ParameterString("Region", default_value=REGION)
    step = FailStep(name="Stop", error_message="${env.region}")
    return Pipeline(
        name="${use_case.pipelines.train}", parameters=[region], steps=[step],
        sagemaker_session=session,
    )
"""


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_build__json_definition__packs_code_and_writes_one_archive(write: Write) -> None:
    project = write(**{"train.json": FAIL, "steps/x.py": "x", "steps/.hidden": "h"})
    cache = project / "pipelines/demo/steps/__pycache__"
    cache.mkdir()
    (cache / "x.pyc").write_bytes(b"")
    release = build(project, "demo", project / "out")
    assert (release.use_case, dict(release.code), release.definitions) == (
        "demo",
        {"steps/x.py": b"x"},
        {"train": json.loads(FAIL)},
    )
    assert release.built_with == {"sagemaker-promotion": version("sagemaker-promotion")}
    assert [p.name for p in (project / "out").iterdir()] == [release.file_name]
    assert Release.read(project / "out" / release.file_name) == release


def test_build__changed_script__is_another_digest_and_a_readme_is_not(write: Write) -> None:
    project = write(**{"train.json": FAIL, "steps/x.py": "x"})
    first = build(project, "demo", project / "out").digest
    (project / "pipelines/demo/README.md").write_text("x")
    assert build(project, "demo", project / "out").digest == first
    (project / "pipelines/demo/steps/x.py").write_text("y")
    assert build(project, "demo", project / "out").digest != first


def test_build__wrong_definition__writes_nothing_and_names_everything(write: Write) -> None:
    project = write(
        "def pipeline():\n    return fail('eu-neutral-1 ${env.moon}')\n", **{"score.json": FAIL}
    )
    with pytest.raises(BuildError) as caught:
        build(project, "demo", project / "out")
    assert caught.value.exit_code == 1
    assert sorted(caught.value.problems) == [
        "pipeline score: step Stop: Arguments.ErrorMessage: ${code.steps/x.py}: the use case has "
        "no file 'steps/x.py'",
        "pipeline train: step Stop: Arguments.ErrorMessage: ${env.moon}: unknown token",
        "pipeline train: step Stop: Arguments.ErrorMessage: the build's region stands literally; "
        "use ${env.region} (in 'eu-neutral-1 ${env.moon}')",
    ]
    assert not (project / "out").exists()


def test_build__path_of_the_project__is_refused_even_when_resolved(write: Write) -> None:
    project = write(
        "from pathlib import Path\ndef pipeline():\n    return fail(Path(__file__).resolve())\n"
    )
    with pytest.raises(BuildError) as caught:
        build(project, "demo", project / "out")
    (problem,) = caught.value.problems
    assert problem.startswith(
        "pipeline train: step Stop: Arguments.ErrorMessage: a path of the building machine"
    )


def test_build__symbolic_link_among_the_code__is_refused(write: Write) -> None:
    project = write(**{"train.json": FAIL, "steps/x.py": "x"})
    (project / "pipelines/demo/steps/y.py").symlink_to("x.py")
    with pytest.raises(BuildError, match=r"pipelines/demo/steps/y.py: is a symbolic link"):
        build(project, "demo", project / "out")


def test_origin__commits_of_the_folder__and_only_those_count(write: Write) -> None:
    project = write(**{"train.json": FAIL, "steps/x.py": "x"})
    assert origin(project, "demo") == Origin("uncommitted", dirty=True)
    git(project, "init", "-q")
    assert origin(project, "demo") == Origin("uncommitted", dirty=True)
    git(project, "add", ".")
    git(project, "commit", "-qm", "one")
    first = origin(project, "demo")
    assert (len(first.git_commit), first.dirty) == (40, False)
    (project / "other").write_text("")
    git(project, "add", ".")
    git(project, "commit", "-qm", "two")
    assert origin(project, "demo") == first
    (project / "pipelines/demo/steps/x.py").write_text("y")
    assert origin(project, "demo") == Origin(first.git_commit, dirty=True)


def test_build__functions__are_those_of_the_promote_that_builds(write: Write) -> None:
    project = write(**{"train.json": FAIL, "steps/x.py": "x"})
    release = build(project, "demo", project / "out")
    assert release.functions == package_handlers(ROOT, project / "zip").read_bytes()


def test_package_handlers__any_umask_and_time__has_the_same_bytes(tmp_path: Path) -> None:
    first = package_handlers(ROOT, tmp_path / "a")
    copied = tmp_path / "copy"
    for folder in ("aws", "handlers", "ledger", "registry", "releases"):
        shutil.copytree(ROOT / "promotion" / folder, copied / "promotion" / folder)
    for name in ("__init__.py", "errors.py"):
        shutil.copy(ROOT / "promotion" / name, copied / "promotion")
    for path in copied.rglob("*.py"):
        path.chmod(0o600)
        os.utime(path, (1, 1))
    second = package_handlers(copied, tmp_path / "b")
    assert (first.name, first.read_bytes()) == (second.name, second.read_bytes())
    with zipfile.ZipFile(first) as package:
        assert package.namelist() == [
            "promotion/__init__.py",
            *(
                f"promotion/aws/{name}.py"
                for name in (
                    "__init__",
                    "errors",
                    "fanout",
                    "ledger",
                    "model_packages",
                    "objects",
                    "releases",
                    "throttling",
                )
            ),
            "promotion/errors.py",
            "promotion/handlers/__init__.py",
            "promotion/handlers/alert_advice.py",
            "promotion/handlers/alert_links.py",
            "promotion/handlers/alert_texts.py",
            "promotion/handlers/dataset_versions.py",
            "promotion/handlers/drift.py",
            "promotion/handlers/emit_drift.py",
            "promotion/handlers/execution_facts.py",
            "promotion/handlers/job_facts.py",
            "promotion/handlers/ledger.py",
            "promotion/handlers/ledger_client.py",
            "promotion/handlers/ledger_table.py",
            "promotion/handlers/model_decision.py",
            "promotion/handlers/notify.py",
            "promotion/handlers/objects.py",
            "promotion/handlers/record_execution.py",
            "promotion/handlers/resolve_batch.py",
            "promotion/handlers/resolve_model.py",
            "promotion/handlers/retrain_reasons.py",
            "promotion/handlers/review_approval.py",
            "promotion/handlers/start_retrain.py",
            "promotion/handlers/telling.py",
            "promotion/ledger/__init__.py",
            "promotion/ledger/chain.py",
            "promotion/ledger/check.py",
            "promotion/ledger/moments.py",
            "promotion/ledger/record.py",
            "promotion/ledger/verify.py",
            "promotion/registry/__init__.py",
            *(
                f"promotion/registry/checks/{name}.py"
                for name in (
                    "__init__",
                    "artifact",
                    "baseline",
                    "facts",
                    "four_eyes",
                    "metrics",
                    "not_worse",
                    "release",
                )
            ),
            "promotion/registry/collect.py",
            "promotion/registry/reports.py",
            "promotion/registry/wording.py",
            "promotion/releases/__init__.py",
            "promotion/releases/model.py",
        ]


def test_package_handlers__unpacked_alone__imports_every_handler(tmp_path: Path) -> None:
    with zipfile.ZipFile(package_handlers(ROOT, tmp_path)) as package:
        package.extractall(tmp_path / "code")
    names = (
        "emit_drift.handler", "ledger.decided", "ledger.stated", "notify.handler",
        "record_execution.handler", "resolve_batch.handler", "resolve_model.handler",
        "review_approval.handler", "start_retrain.handler",
    )  # fmt: skip
    code = f"""
import importlib, sys
sys.modules["pydantic"] = None  # as in the functions' runtime, which has boto3 only
import promotion.handlers
print(promotion.handlers.__file__)
for name in {names}:
    module, function = name.split(".")
    assert getattr(importlib.import_module("promotion.handlers." + module), function)
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "code")},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith(str(tmp_path / "code"))


def test_package_handlers__folder_without_handlers__is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="has no handlers"):
        package_handlers(tmp_path, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_build__sdk_v3__is_built_and_its_literal_region_is_refused(write: Write) -> None:
    project = write(SDK_V3.replace("REGION", '"${env.region}"'))
    definition = build(project, "demo", project / "out").definitions["train"]
    assert (definition["Parameters"], definition["Steps"]) == (
        [{"Name": "Region", "Type": "String", "DefaultValue": "${env.region}"}],
        [{"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "${env.region}"}}],
    )
    write(SDK_V3.replace("REGION", "session.boto_region_name"))
    with pytest.raises(BuildError) as caught:
        build(project, "demo", project / "out")
    assert caught.value.problems == (
        "pipeline train: Parameters[0].DefaultValue: the build's region stands literally; use "
        "${env.region} (in 'eu-neutral-1')",
    )


@pytest.mark.slow
def test_build__other_folder_hash_seed_and_umask__gives_the_same_bytes(tmp_path: Path) -> None:
    archives = []
    for name, hash_seed, umask in (("a", "1", 0o022), ("deeper/b", "2", 0o077)):
        project = tmp_path / name
        old_umask = os.umask(umask)
        try:
            shutil.copytree(
                ROOT / "pipelines/mammography",
                project / "pipelines/mammography",
                copy_function=shutil.copyfile,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
            subprocess.run(
                [sys.executable, "-m", "promotion.cli.main", "--root", str(project), "build"],
                env={**os.environ, "PYTHONHASHSEED": hash_seed},
                cwd=ROOT,
                check=True,
            )
        finally:
            os.umask(old_umask)
        (archive,) = (project / "build/releases").iterdir()
        archives.append((archive.name, archive.read_bytes()))
    assert archives[0] == archives[1]
