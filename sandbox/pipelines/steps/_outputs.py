"""Output parameters that Lambda and Callback steps declare.

Reads, writes and calls nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.pipelines.errors import StepFailure
from sandbox.pipelines.execution.expressions import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.model import Document

_WORDS = {"true": True, "false": False}
_MAX_LENGTH = (
    1024  # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_OutputParameter.html
)


def typed(declared: Mapping[str, str], given: Mapping[str, Any]) -> Document:
    """Return the declared outputs as their types.

    Raises:
        StepFailure: One is missing, too long or not of its type.
    """
    return {name: _convert(name, kind, given) for name, kind in declared.items()}


def listed(outputs: Mapping[str, Any]) -> list[Document]:
    """Return outputs as the step's metadata lists them."""
    return [{"Name": name, "Value": text_of(value)} for name, value in outputs.items()]


def _convert(name: str, kind: str, given: Mapping[str, Any]) -> Any:
    value = given.get(name)
    if value is None:
        raise StepFailure(f"ClientError: Output parameter '{name}' is missing from the response")
    text = text_of(value)
    if len(text) > _MAX_LENGTH:
        raise StepFailure(
            f"ClientError: Output parameter '{name}' is over {_MAX_LENGTH} characters"
        )
    if kind == "Boolean" and text in _WORDS:
        return _WORDS[text]
    if kind == "Integer" and re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    if kind == "Float" and _is_float(text):
        return float(text)
    if kind == "String" and not isinstance(value, dict | list):
        return text
    raise StepFailure(f"ClientError: Output parameter '{name}' is not of type {kind}: {text[:80]}")


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
