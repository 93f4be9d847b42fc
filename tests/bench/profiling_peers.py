"""What peers of the data-quality step do with a Parquet file: `profiling_peers.py NAME PATH`.

Counts, mean, deviation, ends and five quantiles of each number; counts of each category.
"""

from __future__ import annotations

import sys

QUANTILES = [0.1, 0.25, 0.5, 0.75, 0.9]


def with_duckdb(path: str) -> None:
    """Aggregate in one query."""
    import duckdb

    connection = duckdb.connect()
    found = connection.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()  # noqa: S608 - ours
    fields = []
    for name, kind, *_ in found:
        if kind == "VARCHAR":
            fields.append(f"histogram({name})")
        else:
            fields.append(
                f"count({name}), avg({name}), stddev_pop({name}), min({name}), max({name}), "
                f"approx_quantile({name}, {QUANTILES})"
            )
    connection.execute(f"SELECT {', '.join(fields)} FROM '{path}'").fetchall()  # noqa: S608 - ours


def with_pandas(path: str) -> None:
    """Read all, then describe each column."""
    import pandas as pd

    table = pd.read_parquet(path)
    for name in table.columns:
        column = table[name]
        if column.dtype.kind in "if":
            column.agg(["count", "mean", "std", "min", "max"])
            column.quantile(QUANTILES)
        else:
            column.value_counts()


if __name__ == "__main__":
    {"duckdb": with_duckdb, "pandas": with_pandas}[sys.argv[1]](sys.argv[2])
