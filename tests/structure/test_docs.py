"""The documentation: its commands exist, its links lead somewhere, its generated pages are fresh.

Reads the repository's Markdown files; runs the documentation generator of Typer.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from promotion.cli.main import COMMANDS as COMMAND_NAMES
from promotion.cli.main import app as promote_app
from promotion.doctor.checks import check_names, checks
from promotion.plan.gates import gates
from promotion.registry.checks import checks as approval_checks
from sandbox.cli import app as sandbox_app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("mlops-infra/**/*.md")])
PROGRAMS = {"promote": promote_app, "sandbox": sandbox_app}
GENERATED = {"promote": "promotion.cli.main", "sandbox": "sandbox.cli"}


def shown_commands() -> list[tuple[str, str]]:
    """Return (page, command line) of each line in a console block of the written pages."""
    return [
        (str(page.relative_to(ROOT)), line.strip())
        for page in PAGES
        if page.stem not in GENERATED
        for block in re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        for line in block.splitlines()
    ]


COMMANDS = [(page, line) for page, line in shown_commands() if line.split(" ")[0] in PROGRAMS]


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=lambda value: str(value)[:60])
def test_shown_command__parses(page: str, line: str) -> None:
    program, *words = shlex.split(line.replace("$1", "dev"))
    command = typer.main.get_command(PROGRAMS[program])
    context = command.make_context(program, words)
    while hasattr(command, "resolve_command"):
        rest = [*context._protected_args, *context.args]
        name, command, rest = command.resolve_command(context, rest)
        assert command is not None, f"{page}: {line}: no such command"
        context = command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_overview__of_commands__cuts_no_line_off_in_80_columns(name: str) -> None:
    group = typer.main.get_command(promote_app)
    command = group.get_command(group.make_context("promote", [name]), name)
    # What the overview's formatter gives a line: 80 columns, less margins and the longest name.
    told = command.get_short_help_str(80 - 2 - 6 - max(map(len, COMMAND_NAMES)))
    assert told.endswith(".") and not told.endswith("..."), told


def test_shown_commands__are_found() -> None:
    assert {line.split(" ")[0] for _, line in COMMANDS} == set(PROGRAMS)


def test_make_targets__shown__exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([\w./-]+):", makefile, re.MULTILINE))
    shown = {line.split()[1] for _, line in shown_commands() if line.startswith("make ")}
    assert {"demo", "test"} <= shown
    assert shown - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links__lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    local = [link for link in links if not re.match(r"\w+:", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_gates_page__table__is_what_the_gates_declare() -> None:
    page = (ROOT / "docs" / "how-to" / "gates.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{gate.name}` | {gate.summary} | {'yes' if gate.overridable else 'no'} |"
        for gate in gates()
    ]


def test_doctor_page__table__is_what_the_checks_declare() -> None:
    page = (ROOT / "docs" / "how-to" / "check-an-account.md").read_text("utf-8")
    section = page.partition("## What is checked")[2].partition("## Probes")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{check.name}` | {check.summary} |" for check in checks()]


def test_approval_page__table__is_what_the_checks_declare() -> None:
    page = (ROOT / "docs" / "how-to" / "approve-a-model-version.md").read_text("utf-8")
    section = page.partition("| check |")[2].partition("The bounds stand")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{check.name}` | {check.summary} |" for check in approval_checks()]


def test_checks__are_named_after_their_files() -> None:
    assert [check.name for check in checks()] == list(check_names())


@pytest.mark.slow
@pytest.mark.parametrize(("program", "module"), GENERATED.items())
def test_reference_page__is_fresh(program: str, module: str, tmp_path: Path) -> None:
    fresh = tmp_path / "page.md"
    subprocess.run(
        [str(Path(sys.executable).with_name("typer")), module, "utils", "docs",
         "--name", program, "--output", str(fresh)],
        check=True, cwd=ROOT, capture_output=True,
    )  # fmt: skip
    kept = ROOT / "docs" / "reference" / f"{program}.md"
    assert kept.read_text("utf-8") == fresh.read_text("utf-8"), "run `make docs`"
