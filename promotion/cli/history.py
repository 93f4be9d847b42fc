"""`promote history`: who registered, approved, promoted and ran what, when and why.

Reads the registry's environment file; calls DynamoDB Query in the registry account, under the
auditor role. Mutates nothing.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.cli.main import State
    from promotion.history.stage import Filter, Ledger
    from promotion.ledger.verify import Head

app = typer.Typer(**SETTINGS)

NEWEST = 50
SHOWN_FAULTS = 20


@app.command(
    epilog="Examples: promote history --use-case mammography --kind approval | "
    "promote history --since 2026-01-01 --csv --limit 0 | promote history --verify. "
    "Exit codes: 0 told, or the ledger is whole; 1 the ledger is not whole, or AWS refuses; "
    "2 usage or configuration."
)
def history(
    ctx: typer.Context,
    *,
    environment: Annotated[
        str, typer.Option(metavar="ENV", help="Only what happened in this environment.")
    ] = "",
    use_case: Annotated[
        str, typer.Option(metavar="NAME", help="Only what is about this use case.")
    ] = "",
    kind: Annotated[str, typer.Option(metavar="KIND", help="Only records of this kind.")] = "",
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Only from this date or ISO time on; UTC.")
    ] = "",
    limit: Annotated[
        int, typer.Option(metavar="N", help="At most so many, the newest; 0 is all.", min=0)
    ] = NEWEST,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check that no entry is missing, altered or forged.")
    ] = False,
    expect: Annotated[
        str,
        typer.Option(
            metavar="ENTRY:DIGEST", help="With --verify: a head that was noted at an earlier check."
        ),
    ] = "",
) -> None:
    """Tell the ledger, or prove that it is whole. The newest entry comes first."""
    from promotion.aws.session import Accounts
    from promotion.history.options import check_together, filter_of, head_of
    from promotion.history.stage import open_ledger

    state: State = ctx.obj
    chosen, noted = filter_of(environment, use_case, kind, since, limit), head_of(expect)
    check_together(chosen, NEWEST, as_json=as_json, as_csv=as_csv, verify=verify, noted=noted)
    ledger = open_ledger(state.root, Accounts())
    account = ledger.environment.account_id
    state.ui.progress(f"registry: account {account} as {ledger.caller_arn}")
    if verify:
        _verify(state, ledger, noted, as_json=as_json)
    else:
        _list(state, ledger, chosen, as_json=as_json, as_csv=as_csv)


def _list(
    state: "State", ledger: "Ledger", chosen: "Filter", *, as_json: bool, as_csv: bool
) -> None:
    from promotion.history.render import COLUMNS, WRAP, line_rows, lines_csv, lines_document

    lines = ledger.lines(chosen)
    if as_json:
        state.ui.json(lines_document(lines))
    elif as_csv:
        state.ui.result(lines_csv(lines).rstrip("\n"))
    elif lines:
        state.ui.table(COLUMNS, line_rows(lines), wrap=WRAP)
    else:
        state.ui.result("the ledger has no such entry")


def _verify(state: "State", ledger: "Ledger", noted: "Head | None", *, as_json: bool) -> None:
    from promotion.errors import PromotionError
    from promotion.history.render import verdict_document

    with state.ui.working("reading the whole ledger"):
        verdict = ledger.verify(noted)
    if as_json:
        state.ui.json(verdict_document(verdict))
    if verdict.faults:
        raise PromotionError(
            f"the ledger {ledger.environment.ledger.table} is not whole: "
            f"{len(verdict.faults)} faults in {verdict.count} entries",
            problems=[str(fault) for fault in verdict.faults[:SHOWN_FAULTS]],
            hint="find out in CloudTrail who wrote to the table, and restore it to the time before",
        )
    if not as_json:
        head = f", head {verdict.head}" if verdict.head else ""
        state.ui.result(f"the ledger is whole: {verdict.count} entries{head}")
