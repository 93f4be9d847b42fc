"""What peers of the data-quality step do with a Parquet file: `profiling_peers.py NAME PATH OUT`.

- `duckdb`, less than the step: counts, mean, deviation, ends and five approximate quantiles of each
  number and counts of each category, all in one query, written nowhere;
- `pandas`, the same work: profiling_pandas.py, which writes the step's files to the folder OUT;
- `sorting`: that, with numpy's sort in place of pandas' quantiles.
"""

from __future__ import annotations

import sys
from pathlib import Path

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


def with_pandas(path: str, out: str, way: str) -> None:
    """Read all, describe each column, write statistics and constraints."""
    from profiling_pandas import by_pandas, by_sorting, profile

    profile(Path(path), Path(out), {"pandas": by_pandas, "sorting": by_sorting}[way])


def main(name: str, path: str, out: str) -> None:
    """Do what the named peer does."""
    if name == "duckdb":
        with_duckdb(path)
    else:
        with_pandas(path, out, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
