"""ECR: repositories, of whichever registry the request names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization.generic import by_tables, request_tags, table_action
from sandbox.authorization.requirement import Requirement, need

if TYPE_CHECKING:
    from sandbox.services.call import Call


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what an ECR operation needs."""
    given = call.parameters
    single = given.get("repositoryName")
    repositories = [single] if single else list(given.get("repositoryNames") or [])
    if not repositories:
        return by_tables(call)
    account = str(given.get("registryId") or call.account_id)
    tags = request_tags(call)
    found = []
    for name in repositories:
        repository = f"arn:aws:ecr:{call.region}:{account}:repository/{name}"
        found.append(need(call, table_action(call).name, repository, tags))
        if call.operation == "CreateRepository" and tags:
            found.append(need(call, "ecr:TagResource", repository, tags))
    return tuple(found)
