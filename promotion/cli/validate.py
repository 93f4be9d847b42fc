"""`promote validate`: checks environment files and use case declarations.

Reads `environments/` and `pipelines/*/use_case.toml`; writes and calls nothing.
"""

from pathlib import Path
from typing import Annotated

import typer

from promotion.cli.settings import SETTINGS

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote validate | promote validate --json. "
    "Exit codes: 0 valid, 2 problems found."
)
def validate(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check environment files and use cases. Each by itself, and against each other."""
    from promotion.errors import ConfigError

    names, problems = _findings(ctx.obj.root)
    if as_json:
        ctx.obj.ui.json({"valid": not problems, "problems": problems, **names})
        raise typer.Exit(ConfigError.exit_code if problems else 0)
    if problems:
        raise ConfigError(
            f"{len(problems)} problem{'s'[: len(problems) > 1]} in environments/ and pipelines/",
            problems=problems,
            hint="docs/reference/environment.md lists the keys of environment files",
        )
    ctx.obj.ui.result(
        f"valid: environments {', '.join(names['environments'])}; "
        f"use cases {', '.join(names['use_cases']) or 'none'}"
    )


def _findings(root: Path) -> tuple[dict[str, list[str]], list[str]]:
    from promotion.aws.regions import region_problem
    from promotion.config import (
        check_consistency,
        check_roots,
        check_use_cases,
        load_environments,
        use_case_names,
    )
    from promotion.errors import ConfigError

    names: dict[str, list[str]] = {"environments": [], "use_cases": use_case_names(root)}
    try:
        environments = load_environments(root)
    except ConfigError as error:
        # What files say about each other means nothing while one of them cannot be read.
        return names, [*(error.problems or (error.message,)), *check_use_cases(root, {})]
    names["environments"] = list(environments)
    return names, [
        *filter(None, map(region_problem, environments.values())),
        *check_consistency(environments),
        *check_roots(root, environments),
        *check_use_cases(root, environments),
    ]
