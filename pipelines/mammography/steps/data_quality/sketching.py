"""KLL sketches of a table's numbers (Karnin, Lang & Liberty 2016, arXiv 1603.05346).

Engine: Apache DataSketches, k = 2048: every value is kept up to about that many, beyond it the
rank of a value is off by less than 0.14 % (99 % confidence, datasketches.apache.org/docs/KLL).
Which values are kept is then random, so two descriptions of one large file differ within that.
Reads the table piece by piece: 10 million numbers are in memory at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

import datasketches
import numpy as np

from .sql import number, quoted

if TYPE_CHECKING:
    from .feature import Levels
    from .reading import Table

SIZE = 2048
NUMBERS_AT_A_TIME = 10_000_000


def sketch_columns(table: Table, names: Sequence[str]) -> dict[str, Levels]:
    """Returns the sketch of the finite numbers of each named column."""
    if not names:
        return {}
    sketches = {name: datasketches.kll_doubles_sketch(SIZE) for name in names}
    fields = ", ".join(f"{number(name, table.numeric[name])} AS {quoted(name)}" for name in names)
    step = max(SIZE, NUMBERS_AT_A_TIME // len(names))
    for part in table.parts:
        for start in range(0, part.rows, step):
            rows = f"{part.row} >= {start} AND {part.row} < {start + step}"
            query = f"SELECT {fields} FROM {part.source} WHERE {rows}"
            found = table.connection.execute(query).fetchnumpy()
            for name, values in found.items():
                sketches[name].update(np.ma.compressed(values))
    return {name: levels_of(sketch) for name, sketch in sketches.items()}


def levels_of(sketch: datasketches.kll_doubles_sketch) -> Levels:
    """Returns the values that a sketch keeps, by level, sorted."""
    levels: list[list[float]] = []
    for value, weight in sketch:
        level = int(weight).bit_length() - 1
        levels.extend([] for _ in range(level + 1 - len(levels)))
        levels[level].append(float(value))
    return [sorted(level) for level in levels]
