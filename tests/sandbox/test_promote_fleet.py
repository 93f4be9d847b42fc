"""`promote` over a fleet: how often it calls, also where the account answers "too often"."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from promotion.cli.main import main
from promotion.cli.ui import Ui

from ..bench.account import account, variables
from ..bench.fleet import change_use_case, write_fleet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ..bench.account import Watch

    Promote = Callable[..., tuple[int, str, str]]

# One process builds and applies the fleet once.
pytestmark = pytest.mark.xdist_group("fleet")

USE_CASES = 12
PIPELINES = 2 * USE_CASES
READS = ("Describe", "List")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Watch, dict[str, str]]]:
    """A fleet whose releases are built and applied."""
    root = tmp_path_factory.mktemp("fleet")
    write_fleet(root, USE_CASES)
    with account(root) as (sandbox, watch), pytest.MonkeyPatch.context() as patch:
        for name, value in variables(sandbox).items():
            patch.setenv(name, value)
        for words in (["build"], ["plan", "dev", "--no-terraform"]):
            assert run(root, *words)[0] in (0, 3)
        assert run(root, "apply", str(root / "build/plans/dev.plan"), "--yes")[0] == 0
        yield root, watch, variables(sandbox)


@pytest.fixture
def promote(fleet: tuple[Path, Watch, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> Promote:
    """Return what runs a command in the fleet's project."""
    root, watch, environment = fleet
    monkeypatch.delenv("AWS_MAX_ATTEMPTS", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def started(*words: str, every: int = 0) -> tuple[int, str, str]:
        watch.start(every)
        return run(root, *words)

    return started


def run(root: Path, *words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = main(["--root", str(root), *words], ui=Ui(stdout=out, stderr=err))
    return code, out.getvalue(), err.getvalue()


def actions(document: str) -> dict[str, int]:
    """Return how many pipelines a plan has by what happens to them."""
    found: list[dict[str, Any]] = json.loads(document)["pipelines"]
    listed = [pipeline["action"] for pipeline in found]
    return {action: listed.count(action) for action in listed}


def test_plan__unchanged_fleet__reads_each_pipeline_once_and_nothing_else(
    fleet: tuple[Path, Watch, dict[str, str]], promote: Promote
) -> None:
    _, watch, _ = fleet
    code, out, err = promote("plan", "dev", "--no-terraform")
    assert (code, dict(watch.answered)) == (
        0,
        {"ListPipelines": 1, "DescribePipeline": PIPELINES},
    ), err
    assert "Nothing to do: the account is as the plan wants it." in out.splitlines()


def test_plan__build__plans_what_the_source_is_now(
    fleet: tuple[Path, Watch, dict[str, str]], promote: Promote
) -> None:
    root, watch, _ = fleet
    words = ("plan", "dev", "--no-terraform", "--build", "--use-case", "fleet-0007", "--json")
    change_use_case(root, "fleet-0007", depth=3)
    code, out, _ = promote(*words)
    assert (code, actions(out)) == (3, {"update": 2})
    change_use_case(root, "fleet-0007", depth=1)
    code, out, _ = promote(*words)
    assert (code, actions(out)) == (0, {"unchanged": 2})
    assert dict(watch.answered) == {"ListPipelines": 1, "DescribePipeline": 2}


@pytest.mark.parametrize("word", ["--release=build/releases/x.tar", "--no-pipelines"])
def test_plan__build_of_what_is_not_planned_from_source__is_a_usage_error(
    fleet: tuple[Path, Watch, dict[str, str]], promote: Promote, word: str
) -> None:
    _, watch, _ = fleet
    code, out, err = promote("plan", "dev", "--build", word)
    assert (code, out, watch.answered.total()) == (2, "", 0)
    assert "--build builds what the sources are now" in err


@pytest.mark.slow
def test_plan__one_call_in_five_throttled__reads_the_same_and_succeeds(
    fleet: tuple[Path, Watch, dict[str, str]], promote: Promote
) -> None:
    _, watch, _ = fleet
    code, _, err = promote("plan", "dev", "--no-terraform", every=5)
    assert (code, dict(watch.answered)) == (
        0,
        {"ListPipelines": 1, "DescribePipeline": PIPELINES},
    ), err
    assert watch.refused == PIPELINES // 4


@pytest.mark.slow
def test_apply__five_use_cases_changed__updates_their_pipelines_only(
    fleet: tuple[Path, Watch, dict[str, str]], promote: Promote
) -> None:
    root, watch, _ = fleet
    changed = [f"fleet-{number:04d}" for number in range(5)]
    for name in changed:
        change_use_case(root, name, depth=2)
    assert promote("build", *changed)[0] == 0
    code, out, _ = promote("plan", "dev", "--no-terraform", "--json")
    assert (code, actions(out)) == (3, {"update": 10, "unchanged": PIPELINES - 10})
    assert watch.answered["DescribeModelPackageGroup"] == len(changed)
    plan = str(root / "build/plans/dev.plan")
    code, out, err = promote("apply", plan, "--yes", every=5)
    assert (code, out) == (0, "applied 10 actions to dev (account 333333333333)\n"), err
    writes = {name: count for name, count in watch.answered.items() if not name.startswith(READS)}
    assert writes == {"UpdatePipeline": 10, "AddTags": 10}
    assert promote("apply", plan, "--yes")[:2] == (
        0,
        "nothing to do in dev (account 333333333333)\n",
    )
    assert dict(watch.answered) == {"ListPipelines": 1, "DescribePipeline": PIPELINES}
