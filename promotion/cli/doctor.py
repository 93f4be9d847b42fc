"""`promote doctor`: whether the accounts are as promotions need them, and how to mend what is not.

Reads environment files and the accounts (under the plan roles); writes probes under the deploy
roles, and takes them away again, when it is interrupted or terminated too.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from types import FrameType

    from promotion.cli.main import State
    from promotion.doctor.checks import Checked

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote doctor | promote doctor prod --check quotas --check alerts | "
    "promote doctor dev --probe-alerts. Exit codes: 0 all well (warnings and skipped checks too), "
    "1 a check failed, 2 usage or configuration, 130 interrupted."
)
def doctor(
    ctx: typer.Context,
    environments: Annotated[
        list[str] | None, typer.Argument(metavar="ENV", help="Environments; all without it.")
    ] = None,
    *,
    check: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this check; may be given several times."),
    ] = None,
    probe: Annotated[
        bool, typer.Option(help="Write, read and remove objects below .doctor/ prefixes.")
    ] = True,
    probe_alerts: Annotated[
        bool, typer.Option("--probe-alerts", help="Send a message to everybody who gets alerts.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_list: Annotated[
        bool, typer.Option("--list", help="Only list the checks: what each means, how to mend.")
    ] = False,
) -> None:
    """Examine accounts. Roles, keys, buckets, policies, alerts, locks, quotas and clock."""
    from promotion.aws.session import Accounts
    from promotion.doctor.examination import Probes
    from promotion.doctor.render import checked_document
    from promotion.doctor.stage import choose_checks, choose_environments, examine_environment

    state: State = ctx.obj
    if as_list:
        _list(state, as_json=as_json)
        return
    names = choose_checks(check or [])
    chosen = choose_environments(state.root, environments or [])
    accounts, probes = Accounts(), Probes(objects=probe, alerts=probe_alerts)
    found: list[Checked] = []
    with terminable():
        for environment in chosen.values():
            with state.ui.working(f"{environment.environment}: account {environment.account_id}"):
                told = list(examine_environment(state.root, environment, names, accounts, probes))
            if not as_json:
                _show(state, told)
            found += told
    if as_json:
        state.ui.json(checked_document(found))
    _check(found)


def _list(state: "State", *, as_json: bool) -> None:
    from promotion.doctor.checks import checks
    from promotion.doctor.render import LIST_COLUMNS, LIST_WRAP, check_rows, list_document

    if as_json:
        state.ui.json(list_document(checks()))
    else:
        state.ui.table(LIST_COLUMNS, check_rows(checks()), wrap=LIST_WRAP)


def _show(state: "State", told: "list[Checked]") -> None:
    from promotion.doctor.render import COLUMNS, WRAP, checked_rows

    state.ui.table(COLUMNS, checked_rows(told), title=told[0].environment, wrap=WRAP)


def _check(found: "list[Checked]") -> None:
    from promotion.errors import PromotionError

    failed = [each for each in found if each.has_failed]
    if failed:
        raise PromotionError(
            f"{len(failed)} of {len(found)} checks failed",
            problems=[f"{each.environment}: {each.check.name}" for each in failed],
            hint="mend what they found and run the command again",
        )


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM, with which Jenkins aborts, end the block as Ctrl-C does: probes are removed."""

    def interrupt(number: int, frame: "FrameType | None") -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
