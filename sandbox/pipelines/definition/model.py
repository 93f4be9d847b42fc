"""The parsed pipeline definition: frozen values that hold no open question.

Reads, writes and calls nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.model import Document

Scalar = str | int | float | bool


@dataclass(frozen=True)
class Parameter:
    """A pipeline parameter.

    Attributes:
        type: String, Integer, Float or Boolean.
        default: None when an execution must give the value.
        allowed: The values of EnumValues; empty when all are.
    """

    name: str
    type: str
    default: Scalar | None
    allowed: tuple[Scalar, ...]


@dataclass(frozen=True)
class Dependency:
    """An upstream step and the outcome of it that lets the dependent step run.

    Attributes:
        trigger: Completed (also of every reference), Failed, Stopped or Any.
    """

    step: str
    trigger: str


@dataclass(frozen=True)
class Branch:
    """The branch of a condition step that a step belongs to."""

    condition: str
    outcome: bool


@dataclass(frozen=True)
class Step:
    """A step; those inside conditions stand beside the others, with their branch.

    Attributes:
        arguments: Arguments as written, with expressions; without the nested steps of a
            condition.
        document: The whole step object as written.
        dependencies: From DependsOn and from references, without repetition.
        property_files: File name -> (output name, path inside the output).
    """

    name: str
    type: str
    arguments: Document
    document: Document
    dependencies: tuple[Dependency, ...]
    branch: Branch | None
    property_files: Mapping[str, tuple[str, str]]

    @property
    def outputs(self) -> dict[str, str]:
        """Declared output parameters of a Lambda or Callback step: name -> type."""
        rows = self.document.get("OutputParameters") or []
        return {row["OutputName"]: row.get("OutputType", "String") for row in rows}


@dataclass(frozen=True)
class Definition:
    """A whole definition.

    Attributes:
        steps: By name, in the order of the text, nested steps after their condition.
        text: The definition as it was given.
    """

    parameters: Mapping[str, Parameter]
    steps: Mapping[str, Step]
    text: str
