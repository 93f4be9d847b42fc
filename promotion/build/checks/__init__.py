"""Checks of a pipeline definition before it is packed. Pure; each module is one check.

A check takes a `Subject` and yields one line for each problem, starting with the step and field.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Subject:
    """What is checked.

    Attributes:
        definition: the definition, with tokens.
        pipelines: keys of the use case's pipelines.
        code: paths of the use case's code.
        machine_paths: folders of this machine that must not appear in a definition.
    """

    definition: Mapping[str, Any]
    pipelines: Collection[str]
    code: Collection[str]
    machine_paths: Collection[str] = ()


Check = Callable[[Subject], Iterable[str]]


def check_definition(subject: Subject) -> list[str]:
    """Return every problem that any check finds; of malformed steps, only that they are."""
    from promotion.build.checks import (
        forms,
        literals,
        properties,
        references,
        requests,
        structure,
        tokens,
    )

    checks: tuple[Check, ...] = (
        structure.check,
        references.check,
        properties.check,
        tokens.check,
        literals.check,
        requests.check,
    )
    # The other checks look into what has the right form only.
    malformed = list(forms.check(subject))
    return malformed or [problem for check in checks for problem in check(subject)]
