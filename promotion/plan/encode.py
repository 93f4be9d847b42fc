"""The plan as JSON and back. Reads, writes and calls nothing."""

from dataclasses import asdict
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from promotion.errors import PromotionError
from promotion.plan.model import Plan

SCHEMA_VERSION = 3


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return the plan as what `json.dumps` takes; the plan file and `--json` hold this."""
    return {"schema_version": SCHEMA_VERSION, **asdict(plan)}


def plan_from_document(document: dict[str, Any]) -> Plan:
    """Return the plan that a document holds.

    Raises:
        PromotionError: the document is of another version or is not a plan.
    """
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise PromotionError(
            f"the plan has schema version {version}, this promote reads {SCHEMA_VERSION}",
            hint="make a new plan with this promote",
        )
    values = {key: value for key, value in document.items() if key != "schema_version"}
    try:
        return _adapter().validate_python(values, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise PromotionError(f"the plan is not valid: {where}: {first['msg']}") from error


@cache
def _adapter() -> TypeAdapter[Plan]:
    # Takes longer to make than a small plan to be written.
    return TypeAdapter(Plan)
