"""What is known of one column. Reads, writes and calls nothing."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Dict, Mapping, NamedTuple, Sequence

Json = Dict[str, Any]
Levels = Sequence[Sequence[float]]
"""A KLL sketch: an item of level h stands for 2**h values."""

NOTHING: Mapping[str, int] = MappingProxyType({})
NUMERIC_TYPES = ("Integral", "Fractional")


class Moments(NamedTuple):
    """Of a column's finite numbers; the deviation is the population's."""

    mean: float
    total: float
    deviation: float
    lowest: float
    highest: float


class Feature(NamedTuple):
    """One column.

    Attributes:
        name: Its name.
        kind: Model Monitor's type: Integral, Fractional, String, or Unknown without any value.
        present: Fields with a value.
        missing: Fields without.
        numbers: Present fields that are finite numbers.
        integers: Numbers that are whole.
        moments: Of the numbers; None without any.
        sketch: Of the numbers; empty where nobody needs it.
        categories: How often each value appears, the most frequent ones; empty where nobody
            needs it.
        distinct: How many values there are, those beyond `categories` included.
    """

    name: str
    kind: str
    present: int
    missing: int
    numbers: int = 0
    integers: int = 0
    moments: Moments | None = None
    sketch: Levels = ()
    categories: Mapping[str, int] = NOTHING
    distinct: int = 0

    @property
    def rows(self) -> int:
        """How many fields there are."""
        return self.present + self.missing

    @property
    def completeness(self) -> float:
        """Share of fields with a value; 1 without fields."""
        return self.present / self.rows if self.rows else 1.0


def kind_of(present: int, numbers: int, integers: int, *, categorical: bool, typed: bool) -> str:
    """Returns the widest Model Monitor type among a column's values; String for codes.

    In a column that the file itself types as numbers (`typed`), an infinity makes no text of it.
    """
    if not present:
        return "Unknown"
    if categorical or (numbers < present and not typed) or not numbers:
        return "String"
    return "Integral" if integers == numbers else "Fractional"
