"""What a target receives of an event: all of it, a constant, a part, or a template filled in.

Pure. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox.model import Document, ServiceError

_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.-]+)>")
_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]|\['([^']+)'\]")
_PATH = re.compile(rf"\$(?:{_STEP.pattern})*")
_MISSING = object()


def select(path: str, event: Document) -> Any:
    """Return what a JSON path (``$``, ``.name``, ``['name']``, ``[0]``) points at.

    Raises:
        ServiceError: ``ValidationException`` when the path is not of that form.
        KeyError: The event has no such part.
    """
    if not _PATH.fullmatch(path):
        raise ServiceError(
            "ValidationException", f"{path!r} is not a JSON path of the form $.name['name'][0]"
        )
    value: Any = event
    for name, index, quoted in _STEP.findall(path):
        try:
            value = value[int(index)] if index else value[name or quoted]
        except (KeyError, IndexError, TypeError) as error:
            raise KeyError(path) from error
    return value


def target_input(target: Document, event: Document, *, rule_arn: str) -> str:
    """Return the text that a target receives.

    Args:
        target: Target of a rule, as PutTargets stores it.
        event: The whole event.
        rule_arn: Rule that matched, for ``<aws.events.rule-arn>``.

    Raises:
        ServiceError: The input path or template cannot be applied.
    """
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath"):
        try:
            return json.dumps(select(target["InputPath"], event))
        except KeyError as error:
            raise ServiceError(
                "ValidationException", f"the event has no {target['InputPath']}"
            ) from error
    if target.get("InputTransformer"):
        return _transform(target["InputTransformer"], event, rule_arn)
    return json.dumps(event)


def pipeline_parameters(target: Document, event: Document) -> list[Document]:
    """Return the SageMaker pipeline parameters of a target, JSON paths filled in.

    Raises:
        ServiceError: A path that the event lacks, or that is not one value.
    """
    listed = target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
    return [{"Name": item["Name"], "Value": _parameter(item, event)} for item in listed]


def _parameter(item: Document, event: Document) -> str:
    value = item["Value"]
    if not value.startswith("$."):
        return str(value)
    try:
        selected = select(value, event)
    except KeyError as error:
        raise ServiceError(
            "ValidationException", f"the event has no {value} for parameter {item['Name']}"
        ) from error
    return selected if isinstance(selected, str) else json.dumps(selected)


def _transform(transformer: Document, event: Document, rule_arn: str) -> str:
    variables = {
        name: _selected(path, event)
        for name, path in (transformer.get("InputPathsMap") or {}).items()
    }
    without_detail = {key: value for key, value in event.items() if key != "detail"}
    variables |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event": without_detail,
        "aws.events.event.json": event,
    }
    return _fill(transformer["InputTemplate"], variables)


def _selected(path: str, event: Document) -> Any:
    try:
        return select(path, event)
    except KeyError:
        return _MISSING


def _fill(template: str, variables: Document) -> str:
    """Replace placeholders: raw inside a JSON string, as a JSON value elsewhere."""
    pieces: list[str] = []
    position = 0
    for placeholder in _PLACEHOLDER.finditer(template):
        pieces.append(template[position : placeholder.start()])
        quoted = _inside_string("".join(pieces))
        value = variables.get(placeholder[1], _MISSING)
        pieces.append(_quoted_text(value) if quoted else _json_text(value))
        position = placeholder.end()
    return "".join([*pieces, template[position:]])


def _inside_string(before: str) -> bool:
    return len(re.findall(r'(?<!\\)(?:\\\\)*"', before)) % 2 == 1


def _quoted_text(value: Any) -> str:
    if value is _MISSING:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text)[1:-1]


def _json_text(value: Any) -> str:
    return '""' if value is _MISSING else json.dumps(value)
