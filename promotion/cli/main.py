"""The command `promote`: global options, the list of commands, and the one error handler.

Reads the command line. A command's module is imported when that command (or the overview of
all commands) is asked for, and imports boto3, pydantic or Jinja2 only inside its functions, so
that `promote --help` starts fast.
"""

import atexit
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from promotion.cli.settings import SETTINGS
from promotion.cli.ui import Ui
from promotion.errors import PromotionError

# Each command is `promotion/cli/<name>.py` with `app = typer.Typer(**SETTINGS)` of `settings.py`;
# one command in it makes `promote <name>`, several make `promote <name> <subcommand>`. The order
# is that of --help.
COMMANDS = (
    "validate",
    "build",
    "publish",
    "releases",
    "withdraw",
    "bootstrap",
    "doctor",
    "gates",
    "plan",
    "apply",
    "rollback",
    "destroy",
    "unlock",
    "run",
    "status",
    "diff",
    "models",
    "history",
    "ci",
)


@dataclass(frozen=True)
class State:
    """What every command gets as `ctx.obj`.

    Attributes:
        root: folder that holds `environments/`, `pipelines/` and `mlops-infra/`.
        ui: the only way to write to the terminal.
        debug: whether errors are re-raised with their traceback.
    """

    root: Path
    ui: Ui
    debug: bool = False


class LazyCommands(typer.core.TyperGroup):
    """Imports a command's module only when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the command names in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command, or None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"promotion.cli.{cmd_name}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=LazyCommands, **SETTINGS)


@app.callback(
    epilog="Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 differences found, "
    "4 a gate refused, 130 interrupted."
)
def promote(
    ctx: typer.Context,
    root: Annotated[
        Path,
        typer.Option(
            envvar="PROMOTE_ROOT",
            metavar="DIR",
            help="Folder that holds environments/, pipelines/ and mlops-infra/.",
        ),
    ] = Path("."),
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
) -> None:
    """Build, plan, promote and watch SageMaker pipelines across AWS accounts."""
    given: Ui | None = ctx.obj
    ctx.obj = State(root=root.resolve(), ui=given or Ui(), debug=debug)


def main(arguments: Sequence[str] | None = None, *, ui: Ui | None = None) -> int:
    """Run `promote` and return its exit code.

    Args:
        arguments: the command line without the program's name; None reads `sys.argv`.
        ui: where output goes; None is the process' own stdout and stderr.

    Returns:
        0 done, 1 failed, 2 usage or configuration, 3 differences found, 4 a gate refused,
        130 interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        # Nearly all that a command makes lives until it ends: looking for garbage among it after
        # every 700 objects takes a tenth of the time of a plan, and once more before the process
        # ends another tenth.
        gc.set_threshold(200_000)
        atexit.register(gc.freeze)
        # Pydantic would ask every installed distribution whether it hooks into validation.
        # https://docs.pydantic.dev/latest/concepts/plugins/
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    ui = ui or Ui()
    command = typer.main.get_command(app)
    try:
        command.main(words, prog_name="promote", obj=ui)
    except SystemExit as finished:
        return finished.code if isinstance(finished.code, int) else int(finished.code is not None)
    except PromotionError as error:
        if "--debug" in words:
            raise
        ui.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
