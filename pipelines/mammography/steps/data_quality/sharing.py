"""Describes the columns of a large Parquet table in several processes, each with its own columns.

DuckDB hands its rows over under Python's lock, so that threads would take turns. Each further
process opens the files by itself and hands back what it found. CSV is not shared: its rows lie in
the DuckDB of the process that has read them.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Collection

from .describing import describe
from .errors import BadInputError
from .reading import MEMORY_LIMIT_MB, Table, connected

if TYPE_CHECKING:
    from .feature import Feature

MOST_PROCESSES = 4
"""Each takes some 150 MB beside its share of DuckDB's memory."""
FIELDS_A_PROCESS = 20_000_000
"""A process takes about half as long to start as to describe these."""


def processes_for(table: Table) -> int:
    """Returns in how many processes a table is worth describing, at least 1."""
    if not table.typed:
        return 1
    columns, cores = len(table.numeric), len(os.sched_getaffinity(0))
    return max(1, min(cores, MOST_PROCESSES, columns, table.rows * columns // FIELDS_A_PROCESS))


def describe_in_processes(
    table: Table, processes: int, categorical: Collection[str] = (), numeric: Collection[str] = ()
) -> list[Feature]:
    """Does what `describe` does, for every column, in this many processes.

    Raises:
        BadInputError: As `describe`; or a process was ended from outside.
    """
    if processes == 1:
        return describe(table, categorical, numeric)
    names = list(table.numeric)
    # Files tend to have columns of one type side by side: they are dealt like cards.
    shares = [
        table._replace(
            connection=None, numeric={n: table.numeric[n] for n in names[first::processes]}
        )
        for first in range(processes)
    ]
    with ProcessPoolExecutor(processes - 1, mp_context=get_context("spawn")) as pool:
        running = [
            pool.submit(describe_share, share, processes, categorical, numeric)
            for share in shares[1:]
        ]
        confine(table.connection, processes)
        features = describe(shares[0]._replace(connection=table.connection), categorical, numeric)
        try:
            for each in running:
                features += each.result()
        except BrokenProcessPool as error:
            raise BadInputError(
                "a process that described columns was ended from outside: give the step an "
                "instance with more memory"
            ) from error
    found = {feature.name: feature for feature in features}
    return [found[name] for name in names]


def describe_share(
    share: Table, processes: int, categorical: Collection[str], numeric: Collection[str]
) -> list[Feature]:
    """Describes the columns of a table without a connection, which is opened here."""
    with connected() as connection:
        confine(connection, processes)
        return describe(share._replace(connection=connection), categorical, numeric)


def confine(connection: Any, processes: int) -> None:
    """Leaves the connection one core, and its process's share of DuckDB's memory."""
    connection.execute(f"SET memory_limit='{MEMORY_LIMIT_MB // processes}MB'; SET threads=1")
