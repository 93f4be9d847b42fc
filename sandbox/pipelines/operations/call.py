"""One call of an operation, and the parts that operations share.

Reads definitions in S3 as the pipeline's role; calls nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.model import Document, Principal
from sandbox.pipelines.definition.parse import parse
from sandbox.pipelines.errors import DefinitionError, UnsupportedStepError, conflict, validation
from sandbox.pipelines.execution.context import SERVICE_PRINCIPAL, Services

if TYPE_CHECKING:
    from sandbox.pipelines.definition.model import Definition
    from sandbox.pipelines.execution.cache import StepCache
    from sandbox.pipelines.store import Store


@dataclass(frozen=True)
class Call:
    """A checked request.

    Attributes:
        region: The account's region.
    """

    operation: str
    request: Document
    principal: Principal
    region: str
    store: Store
    services: Services
    cache: StepCache


Operation = Callable[[Call], Document]


def once(call: Call, scope: str, act: Callable[[], Document]) -> Document:
    """Act once for a ClientRequestToken: a repeated call gets the first one's response.

    Args:
        scope: What the token belongs to: an ARN.
        act: Serves the request.

    Raises:
        ServiceError: ``ConflictException`` when the token came with another request.
    """
    token = call.request["ClientRequestToken"]
    with call.store.lock:
        known = call.store.answered(call.operation, scope, token)
        if known is not None:
            request, response = known
            if request != call.request:
                raise conflict(
                    f"ClientRequestToken '{token}' was used for another {call.operation} request"
                )
            return response
        response = act()
        call.store.remember(call.operation, scope, token, call.request, response)
        return response


def definition_of(call: Call, role_arn: str) -> Definition | None:
    """Return the request's definition, None when it has none.

    Raises:
        ServiceError: ``ValidationException`` naming every problem.
    """
    request = call.request
    text, place = request.get("PipelineDefinition"), request.get("PipelineDefinitionS3Location")
    if text is not None and place is not None:
        raise validation("Give either PipelineDefinition or PipelineDefinitionS3Location, not both")
    if place is not None:
        text = _read(call, role_arn, place)
    if text is None:
        return None
    try:
        return parse(text)
    except DefinitionError as error:
        raise validation(f"Unable to parse pipeline definition: {error}") from error
    except UnsupportedStepError as error:
        raise validation(f"Unable to parse pipeline definition: {error}") from error


def user_context(principal: Principal) -> Document:
    """Return CreatedBy or LastModifiedBy of a caller."""
    return {"IamIdentity": {"Arn": principal.arn, "PrincipalId": principal.arn.rpartition("/")[2]}}


def present(document: Document) -> Document:
    """Leave out members without a value, as AWS's responses do."""
    return {key: value for key, value in document.items() if value not in (None, "", [])}


def _read(call: Call, role_arn: str, place: Document) -> str:
    from botocore.exceptions import ClientError

    # SageMaker reads as the caller, whose credentials the engine does not have.
    client = call.services.aws.client(
        "s3", role_arn=role_arn, region=call.region, service_principal=SERVICE_PRINCIPAL
    )
    version = {"VersionId": place["VersionId"]} if place.get("VersionId") else {}
    try:
        answer = client.get_object(Bucket=place["Bucket"], Key=place["ObjectKey"], **version)
    except ClientError as error:
        uri = f"s3://{place['Bucket']}/{place['ObjectKey']}"
        detail = error.response["Error"]["Message"]
        raise validation(f"Unable to read the pipeline definition {uri}: {detail}") from error
    text: str = answer["Body"].read().decode("utf-8")
    return text
