"""The command ``sandbox``: start, stop, look at and move the offline AWS.

Starts and stops a background process; calls only that process, on 127.0.0.1. Results go to
standard output, messages to standard error.
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from sandbox.daemon import DEFAULT_PORT, Daemon, request
from sandbox.model import Document, SandboxError

_EXIT_CODES = "Exit codes: 0 done, 1 failed (the message says why), 2 wrong usage."

app = typer.Typer(
    name="sandbox",
    help=f"The offline AWS: the accounts of environments/, on this machine.\n\n{_EXIT_CODES}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
clock_app = typer.Typer(
    help=f"Show or move the virtual clock.\n\n{_EXIT_CODES}", no_args_is_help=True
)
app.add_typer(clock_app, name="clock")

Root = Annotated[
    Path, typer.Option(help="Project root, with environments/.", envvar="SANDBOX_ROOT")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def _show(document: Document) -> None:
    typer.echo(json.dumps({"schema_version": 1, **document}, indent=2, sort_keys=True))


def _say(message: str) -> None:
    typer.echo(message, err=True)


@app.command(epilog=_EXIT_CODES)
def up(
    root: Root = Path(),
    port: Annotated[int, typer.Option(min=1, max=65535, help="TCP port.")] = DEFAULT_PORT,
) -> None:
    """Start the sandbox in the background; a running one is left alone."""
    state, started = Daemon(root).start(port)
    _say(f"sandbox {'started' if started else 'runs already'}, log {state.log}")
    typer.echo(state.endpoint_url)


@app.command(epilog=_EXIT_CODES)
def down(root: Root = Path()) -> None:
    """Stop the sandbox and forget its accounts; does nothing when none runs."""
    _say("sandbox stopped" if Daemon(root).stop() else "no sandbox was running")


@app.command(epilog=_EXIT_CODES)
def status(root: Root = Path(), as_json: AsJson = False) -> None:
    """Show accounts, principals, port, log and clock of the running sandbox."""
    state = Daemon(root).require()
    health, time = request(state, "health"), request(state, "clock")
    if as_json:
        _show({**health, "clock": time, "port": state.port, "pid": state.pid, "log": state.log})
        return
    typer.echo(f"{state.endpoint_url}  pid {state.pid}  log {state.log}")
    typer.echo(f"virtual time {time['now']}")
    for due in time["upcoming"]:
        typer.echo(f"  next {due['at']}  {due['rule']}")
    for account in health["accounts"]:
        typer.echo(f"{account['account_id']}  {account['kind']:9} {account['environment']}")
    for principal in health["principals"]:
        typer.echo(f"  {principal['name']:15} {principal['arn']}")


@app.command(epilog=_EXIT_CODES)
def env(
    principal: Annotated[str, typer.Argument(help="A name that `sandbox status` lists.")],
    root: Root = Path(),
) -> None:
    """Print export lines for a principal: eval "$(sandbox env dev-admin)"."""
    from sandbox.accounts import load_accounts
    from sandbox.principals import principals_of

    state = Daemon(root).require()
    known = {each.name: each for each in principals_of(load_accounts(root / "environments"))}
    if principal not in known:
        raise SandboxError(f"no principal {principal!r}: there are {', '.join(known)}")
    variables = known[principal].environment(state.endpoint_url)
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")
    # Left over from somebody else, they would spoil these credentials.
    others = [name for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE") if name not in variables]
    typer.echo(f"unset {' '.join(others)}")


@app.command(epilog=_EXIT_CODES)
def inbox(root: Root = Path(), as_json: AsJson = False) -> None:
    """Show the e-mails that SNS delivered, oldest first."""
    found = request(Daemon(root).require(), "inbox")
    if as_json:
        _show(found)
        return
    for mail in found["mails"]:
        typer.echo(f"{mail['at']}  {mail['to']}  {mail['topic']}")
        typer.echo(f"  {mail['subject']}")
        for line in mail["body"].splitlines():
            typer.echo(f"  | {line}")
    if not found["mails"]:
        _say("the inbox is empty")


@app.command(epilog=_EXIT_CODES)
def deliveries(root: Root = Path(), as_json: AsJson = False) -> None:
    """Show what the emulated services sent in the background, and what failed."""
    found = request(Daemon(root).require(), "deliveries")
    if as_json:
        _show(found)
        return
    for record in found["deliveries"]:
        typer.echo(f"{record['at']}  {record['status']:13} {record['kind']}  {record['target']}")
        if record["error"]:
            typer.echo(f"  {record['error']}")


@clock_app.command("show", epilog=_EXIT_CODES)
def clock_show(root: Root = Path(), as_json: AsJson = False) -> None:
    """Show the virtual time and what falls due next."""
    time = request(Daemon(root).require(), "clock")
    if as_json:
        _show(time)
        return
    typer.echo(time["now"])
    for due in time["upcoming"]:
        typer.echo(f"  next {due['at']}  {due['rule']}")


@clock_app.command("advance", epilog=_EXIT_CODES)
def clock_advance(
    amount: Annotated[
        list[str], typer.Argument(help="1d, 2h, 30m, 1d12h; or: until next; until ISO-TIME.")
    ],
    root: Root = Path(),
    wait: Annotated[
        bool, typer.Option(help="Wait at each due time until all it started is done.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Move the clock forward; what falls due fires on the way, in order."""
    body = _movement(amount)
    if not wait:
        body["wait_seconds"] = None
    moved = request(Daemon(root).require(), "clock", body)
    if as_json:
        _show(moved)
        return
    for fired in moved["fired"]:
        typer.echo(f"  fired {fired['at']}  {fired['rule']}")
    typer.echo(moved["now"])


@app.command(epilog=_EXIT_CODES)
def demo(
    root: Root = Path(),
    data: Annotated[
        Path | None,
        typer.Option(help="UCI Mammographic Mass data file; else kept, downloaded or generated."),
    ] = None,
    keep: Annotated[bool, typer.Option(help="Leave the sandbox running afterwards.")] = False,
) -> None:
    """Tell the whole story of the platform, and write build/demo/report.html."""
    from rich.console import Console

    from sandbox.demo.run import run

    run(root.resolve(), Console(), data=data, keep=keep)


def _movement(words: list[str]) -> Document:
    if words[0] == "until":
        if len(words) == 1:
            raise SandboxError("until what? write: until next, or until 2026-11-22T06:00:00Z")
        return {"until": words[-1]}
    if len(words) > 1:
        raise SandboxError(f"{' '.join(words)!r}: write 1d, 2h, 30m, or until TIME")
    return {"advance": words[0]}


def main() -> None:
    """Run the command line; a failure is one line on standard error, exit code 1."""
    try:
        app()
    except SandboxError as error:
        _say(f"sandbox: {error}")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
