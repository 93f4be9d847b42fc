"""Operations on processing, training and transform jobs.

Calls the job service.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.pipelines.jobs.service import KINDS

if TYPE_CHECKING:
    from sandbox.model import Document
    from sandbox.pipelines.operations.call import Call, Operation


def _create(kind: str, call: Call) -> Document:
    return call.services.jobs.create(kind, call.request, call.principal, call.region)


def _describe(kind: str, call: Call) -> Document:
    name = call.request[f"{kind}JobName"]
    return call.services.jobs.describe(kind, name, call.principal, call.region)


def _stop(kind: str, call: Call) -> Document:
    name = call.request[f"{kind}JobName"]
    return call.services.jobs.stop(kind, name, call.principal, call.region)


def _list(kind: str, call: Call) -> Document:
    return call.services.jobs.list_jobs(kind, call.request, call.principal, call.region)


def job_operations() -> dict[str, Operation]:
    """Return the operations of every kind of job by name."""
    found: dict[str, Operation] = {}
    for kind in KINDS:
        found[f"Create{kind}Job"] = partial(_create, kind)
        found[f"Describe{kind}Job"] = partial(_describe, kind)
        found[f"Stop{kind}Job"] = partial(_stop, kind)
        found[f"List{kind}Jobs"] = partial(_list, kind)
    return found
