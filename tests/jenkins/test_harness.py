"""The harness: refuses what Jenkins with the declared plugins would, and runs in Jenkins' order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .world import HERE

if TYPE_CHECKING:
    from pathlib import Path

    from .world import Harness, Trace, World


def pipeline(steps: str, *, stage: str = "", more: str = "") -> str:
    """Return a Jenkinsfile with one stage."""
    return (
        "pipeline {\n agent any\n" + more + "\n stages {\n stage('One') {\n" + stage
        + "\n steps {\n" + steps + "\n } } } }"
    )  # fmt: skip


def run(world: World, folder: Path, text: str, **more: Any) -> Trace:
    world.jenkinsfile = folder / "Jenkinsfile"
    world.jenkinsfile.write_text(text)
    return world.build(**more)


SCRIPT = "only steps may stand here: put it into script { }"
REFUSED = [
    (pipeline("sh script: 'true', returnStatuss: true"), "sh has no parameter 'returnStatuss'"),
    (pipeline("sh script: 7"), "sh: script has to be of type string"),
    (pipeline("sh returnStatus: true"), "sh: the parameter 'script' is missing"),
    (pipeline("shh 'true'"), "no declared plugin has the step 'shh'"),
    (pipeline("script { if (false) { lok { } } }"), "no declared plugin has the step 'lok'"),
    (pipeline("if (true) { echo 'x' }"), SCRIPT),
    (pipeline("withEnv(['A=b']) { def c = 1 }"), SCRIPT),
    (pipeline("lock(resource: 'x')"), "lock needs a block"),
    (pipeline("echo 'x'", more="option { timestamps() }"), "option does not belong in pipeline"),
    (pipeline("echo 'x'", more="options { stamps() }"), "stamps does not belong in options"),
    (pipeline("echo 'x'", stage="options { timeout(t: 1) }"), "timeout has no parameter 't'"),
    (pipeline("echo 'x'", stage="when { brunch 'main' }"), "brunch does not belong in when"),
    (pipeline("echo 'x'", stage="post { alway { echo 'x' } }"), "alway does not belong in post"),
    (pipeline("echo 'x'", more="parameters { string(n: 'x') }"), "string has no parameter 'n'"),
    (pipeline("echo 'x'", more="environment { sh 'x' }"), "environment holds NAME = value only"),
    (pipeline("echo 'x'", stage="parallel { }"), "a stage needs one of steps, stages and parallel"),
    ("pipeline { stages { stage('x') { steps { } } } }", "pipeline needs the section 'agent'"),
    ("node { }", "there has to be one pipeline { }, and there are 0"),
]  # fmt: skip


def test_validator__what_jenkins_refuses__is_found_by_name(
    harness: Harness, tmp_path: Path
) -> None:
    files = [tmp_path / f"Jenkinsfile.{number}" for number in range(len(REFUSED))]
    for file, (text, _) in zip(files, REFUSED, strict=True):
        file.write_text(text)
    found = harness.problems(*files)
    first = [found[str(file)][:1] for file in files]
    told = [
        [each.partition(": ")[2] if each[:5] == "line " else each for each in of] for of in first
    ]
    assert told == [[problem] for _, problem in REFUSED]


def test_refused_jenkinsfile__nothing_of_it_runs(world: World, tmp_path: Path) -> None:
    file, trace = tmp_path / "Jenkinsfile", tmp_path / "trace.json"
    file.write_text(pipeline("sh 'touch ran'\n shh 'true'"))
    done = world.harness.run(file, world.scenario(1, {}), trace)
    assert (done.status, trace.exists(), list(tmp_path.rglob("ran"))) == (3, False, [])


def test_argument__of_another_type_at_run_time__is_refused(world: World, tmp_path: Path) -> None:
    file = tmp_path / "Jenkinsfile"
    file.write_text(pipeline("script { def seconds = '3'\n sleep(time: seconds) }"))
    done = world.harness.run(file, world.scenario(1, {}), tmp_path / "trace.json")
    assert (done.status, done.err.strip()) == (
        3, "sleep: time has to be of type integer, not String",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "inputs", "told"),
    [
        ("", {}, "nobody answers the input of stage 'One'"),
        ("", {"One": {"answer": "timeout"}}, "nothing would ever end the input"),
        ("", {"One": {"answer": "approve", "by": "mallory"}}, "lets mallory not answer"),
    ],
)
def test_input__the_scenario_cannot_be__is_told(
    world: World, tmp_path: Path, stage: str, inputs: dict[str, Any], told: str
) -> None:
    file = tmp_path / "Jenkinsfile"
    file.write_text(pipeline("input message: 'go?', submitter: 'ml-approvers'", stage=stage))
    scenario = world.scenario(1, {}, inputs=inputs)
    done = world.harness.run(file, scenario, tmp_path / "trace.json")
    assert (done.status, told in done.err) == (4, True), done.err


def test_build__failing_stage__skips_the_rest_and_runs_post(world: World, tmp_path: Path) -> None:
    text = """
    pipeline {
        agent none
        environment { NAME = "from ${BUILD_NUMBER}" }
        stages {
            stage('Write') {
                agent { label 'a' }
                steps {
                    sh 'printf "%s" "$NAME" > note.txt'
                    stash name: 'note', includes: '*.txt'
                }
            }
            stage('Read') {
                agent { label 'b' }
                steps {
                    script {
                        if (fileExists('note.txt')) { error 'the workspace is not fresh' }
                    }
                    unstash 'note'
                    script { text = readFile('note.txt') }
                    echo "read ${text}"
                    catchError(buildResult: 'UNSTABLE') { sh 'exit 3' }
                    retry(2) { sh 'test -e again || { touch again; exit 1; }' }
                }
            }
            stage('Never') {
                when { not { branch 'main' } }
                steps { sh 'true' }
            }
            stage('Homeless') { steps { sh 'true' } }
            stage('After') { steps { echo 'x' } }
        }
        post {
            fixed { echo 'fixed' }
            regression { echo 'regression' }
            failure { echo 'failure' }
            cleanup { echo 'cleanup' }
        }
    }"""
    trace = run(world, tmp_path, text, previous_results=["SUCCESS"])
    assert trace.result == "FAILURE"
    assert trace.stages == {
        "Write": "SUCCESS", "Read": "UNSTABLE", "Never": "SKIPPED", "Homeless": "FAILURE",
        "After": "SKIPPED",
    }  # fmt: skip
    told = [each["arguments"]["message"] for each in trace.steps("echo")]
    assert told == ["read from 1", "regression", "failure", "cleanup"]
    assert [each["status"] for each in trace.steps("sh")] == [0, 3, 1, 0]


def test_when__without_before_input__asks_before_the_condition(
    world: World, tmp_path: Path
) -> None:
    def asked(first: str) -> list[dict[str, Any]]:
        stage = f"input {{ message 'go?' }}\n when {{ {first} expression {{ false }} }}"
        answers = {"One": {"answer": "approve", "by": "alice"}}
        return run(world, tmp_path, pipeline("echo 'x'", stage=stage), inputs=answers).steps(
            "input"
        )

    assert [each["by"] for each in asked("")] == ["alice"]
    assert asked("beforeInput true;") == []


def test_plugins__every_one__names_the_page_it_was_taken_from() -> None:
    plugins = json.loads((HERE / "harness" / "plugins.json").read_text())
    assert [
        name for name, each in plugins.items() if not each["source"].startswith("https://")
    ] == []
