"""The Lambda operations that moto gets wrong: Invoke, dead-letter and event invoke config.

Reads moto's stored functions; runs their code with ``LambdaRuntime``; sends what an
asynchronous invocation leads to through the sandbox's own server.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
"""

from __future__ import annotations

import base64
import json
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from moto.awslambda.models import lambda_backends

from sandbox.events.deliveries import Delivery
from sandbox.model import Document, ServiceError
from sandbox.services.answer import Answer
from sandbox.services.lambda_runtime import Function, LambdaRuntime, Outcome

if TYPE_CHECKING:
    from sandbox.events.deliveries import Deliveries
    from sandbox.model import AwsAccess
    from sandbox.services.call import Call
    from sandbox.services.moto_server import MotoServer

_PRINCIPAL = "lambda.amazonaws.com"
_RETRIES = 2
_LOG_TAIL_BYTES = 4096
_MAXIMUM_SYNCHRONOUS_BYTES = 6_291_456
_MAXIMUM_ASYNCHRONOUS_BYTES = 1_048_576
_OK, _CREATED, _ACCEPTED, _NO_CONTENT = 200, 201, 202, 204


class LambdaApi:
    """Serves Lambda operations.

    Args:
        moto: Stores functions.
        runtime: Runs them.
        deliveries: Runs asynchronous invocations.
        aws: Clients for destinations and dead-letter queues.
    """

    def __init__(
        self, moto: MotoServer, runtime: LambdaRuntime, deliveries: Deliveries, aws: AwsAccess
    ) -> None:
        self._moto = moto
        self._runtime = runtime
        self._deliveries = deliveries
        self._aws = aws
        self._dead_letters: dict[str, str] = {}

    def invoke(self, call: Call) -> Answer:
        """Serve Invoke: RequestResponse, Event and DryRun."""
        name = call.uri_parameters["FunctionName"]
        qualifier = parse_qs(call.environ.get("QUERY_STRING", "")).get("Qualifier", [None])[0]
        stored = self._find(call.account_id, call.region, name, qualifier)
        event = _event(call)
        kind = call.environ.get("HTTP_X_AMZ_INVOCATION_TYPE") or "RequestResponse"
        if kind == "DryRun":
            return Answer(_NO_CONTENT)
        if kind == "Event":
            self.invoke_later(stored, event)
            return Answer(_ACCEPTED)
        if kind != "RequestResponse":
            raise ServiceError(
                "InvalidParameterValueException", f"{kind} is not an invocation type"
            )
        outcome = self._runtime.run(_function(stored), event)
        headers = [
            ("Content-Type", "application/json"),
            ("X-Amz-Executed-Version", _version(stored)),
            ("x-amzn-RequestId", outcome.request_id),
        ]
        if outcome.failed:
            headers.append(("X-Amz-Function-Error", "Unhandled"))
        if call.environ.get("HTTP_X_AMZ_LOG_TYPE") == "Tail":
            tail = outcome.log.encode()[-_LOG_TAIL_BYTES:]
            headers.append(("X-Amz-Log-Result", base64.b64encode(tail).decode()))
        return Answer(_OK, headers, outcome.payload.encode())

    def invoke_later(self, stored: Any, event: object) -> None:
        """Invoke a function (moto's ``LambdaFunction``) asynchronously.

        Two further attempts after an error, then the dead-letter queue and the on-failure
        destination. Attempts follow each other at once; AWS waits one and two minutes.
        """
        record = Delivery(
            kind="lambda",
            account=stored.account_id,
            source="asynchronous invocation",
            target=stored.function_arn,
        )
        last: list[Outcome] = []
        self._deliveries.run(
            record,
            partial(self._attempts, record, stored, event, last),
            bury=lambda *_: self._bury(_function(stored), event, last),
        )

    def save_configuration(self, call: Call) -> Answer:
        """Serve CreateFunction and UpdateFunctionConfiguration: keep the dead-letter target."""
        answer = self._moto.serve(call)
        if answer.status not in (_OK, _CREATED):
            return answer
        arn = _base_arn(json.loads(answer.body)["FunctionArn"])
        given = json.loads(call.body or b"{}").get("DeadLetterConfig")
        if given is not None:
            self._dead_letters[arn] = given.get("TargetArn", "")
        return self._with_dead_letter(answer)

    def show_configuration(self, call: Call) -> Answer:
        """Serve GetFunction and GetFunctionConfiguration: show the dead-letter target."""
        return self._with_dead_letter(self._moto.serve(call))

    def delete_function(self, call: Call) -> Answer:
        """Serve DeleteFunction: forget the dead-letter target."""
        arn = _arn(call, call.uri_parameters["FunctionName"])
        answer = self._moto.serve(call)
        if answer.status == _NO_CONTENT:
            self._dead_letters.pop(arn, None)
        return answer

    def put_event_invoke_config(self, call: Call) -> Answer:
        """Serve PutFunctionEventInvokeConfig: replace, where moto piles up."""
        stored = self._find(call.account_id, call.region, call.uri_parameters["FunctionName"])
        stored.event_invoke_config = []
        return self._moto.serve(call)

    def _find(self, account_id: str, region: str, name: str, qualifier: str | None = None) -> Any:
        from moto.awslambda.exceptions import UnknownFunctionException

        # Other accounts' functions are given as ARNs; moto looks names up only.
        plain = name.rsplit(":function:", maxsplit=1)[-1]
        try:
            return lambda_backends[account_id][region].get_function(plain, qualifier)
        except UnknownFunctionException as error:
            arn = f"arn:aws:lambda:{region}:{account_id}:function:{plain}"
            raise ServiceError(
                "ResourceNotFoundException", f"Function not found: {arn}", 404, {"Type": "User"}
            ) from error

    def _with_dead_letter(self, answer: Answer) -> Answer:
        if answer.status not in (_OK, _CREATED):
            return answer
        document = json.loads(answer.body)
        configuration = document.get("Configuration", document)
        target = self._dead_letters.get(_base_arn(configuration["FunctionArn"]))
        if target:
            configuration["DeadLetterConfig"] = {"TargetArn": target}
        return Answer(answer.status, answer.headers[:], json.dumps(document).encode())

    def _attempts(self, record: Delivery, stored: Any, event: object, last: list[Outcome]) -> None:
        function = _function(stored)
        settings = stored.event_invoke_config[0].config if stored.event_invoke_config else {}
        retries = settings.get("MaximumRetryAttempts", _RETRIES)
        for attempt in range(1, retries + 2):
            record.attempts = attempt
            outcome = self._runtime.run(function, event)
            last[:] = [outcome]
            if not outcome.failed:
                break
        destinations = settings.get("DestinationConfig", {})
        side = "OnFailure" if outcome.failed else "OnSuccess"
        destination = destinations.get(side, {}).get("Destination")
        if destination:
            self._send(function, destination, _report(function, event, outcome, record.attempts))
        if outcome.failed:
            error = json.loads(outcome.payload)
            raise ServiceError(error.get("errorType", "Error"), str(error.get("errorMessage")))

    def _bury(self, function: Function, event: object, last: list[Outcome]) -> bool:
        """Send an event that failed for good to the function's dead-letter target, if any.

        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        arn = self._dead_letters.get(_base_arn(function.arn))
        if not arn or not last:
            return False
        error = json.loads(last[0].payload)
        facts = {
            "RequestID": last[0].request_id,
            "ErrorCode": "200",
            "ErrorMessage": str(error.get("errorMessage") or "none")[:1024],
        }
        attributes = {
            name: {"DataType": "String", "StringValue": value} for name, value in facts.items()
        }
        self._send(function, arn, event, attributes)
        return True

    def _send(
        self, function: Function, arn: str, message: object, attributes: Document | None = None
    ) -> None:
        service = arn.split(":")[2]
        client = self._aws.client(
            service,
            role_arn=function.role_arn,
            service_principal=_PRINCIPAL,
            region=arn.split(":")[3],
        )
        text = json.dumps(message)
        if service == "sqs":
            _, _, _, _region, account, name = arn.split(":")
            url = f"{self._aws.endpoint_url}/{account}/{name}"
            client.send_message(QueueUrl=url, MessageBody=text, MessageAttributes=attributes or {})
        elif service == "sns":
            client.publish(TopicArn=arn, Message=text, MessageAttributes=attributes or {})
        elif service == "lambda":
            client.invoke(FunctionName=arn, InvocationType="Event", Payload=text.encode())
        elif service == "events":
            entry = {
                "Source": "lambda",
                "DetailType": "Lambda Function Invocation Result",
                "Detail": text,
                "EventBusName": arn,
            }
            client.put_events(Entries=[entry])
        else:
            raise ServiceError("UnsupportedTarget", f"Lambda does not send to {arn}")


def _event(call: Call) -> object:
    body = call.body or b"{}"
    kind = call.environ.get("HTTP_X_AMZ_INVOCATION_TYPE")
    limit = _MAXIMUM_ASYNCHRONOUS_BYTES if kind == "Event" else _MAXIMUM_SYNCHRONOUS_BYTES
    if len(body) > limit:
        raise ServiceError(
            "RequestTooLargeException", f"{len(body)} bytes: the limit is {limit}", 413
        )
    try:
        return json.loads(body)
    except json.JSONDecodeError as error:
        raise ServiceError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from error


def _version(stored: Any) -> str:
    return str(stored.version) if ":" in stored.function_arn.split(":function:")[-1] else "$LATEST"


def _function(stored: Any) -> Function:
    return Function(
        arn=stored.function_arn,
        version=_version(stored),
        handler=stored.handler or "",
        runtime=stored.run_time or "",
        role_arn=stored.role,
        timeout_seconds=int(stored.timeout),
        memory_mb=int(stored.memory_size),
        environment=dict(stored.environment_vars or {}),
        code=stored.code_bytes,
    )


def _arn(call: Call, name: str) -> str:
    if name.startswith("arn:"):
        return _base_arn(name)
    plain = name.split(":", maxsplit=1)[0]
    return f"arn:aws:lambda:{call.region}:{call.account_id}:function:{plain}"


def _base_arn(arn: str) -> str:
    return ":".join(arn.split(":")[:7])


def _report(function: Function, event: object, outcome: Outcome, attempts: int) -> Document:
    condition = "RetriesExhausted" if outcome.failed else "Success"
    return {
        "version": "1.0",
        "requestContext": {
            "requestId": outcome.request_id,
            "functionArn": f"{_base_arn(function.arn)}:{function.version}",
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": event,
        "responseContext": {
            "statusCode": _OK,
            "executedVersion": function.version,
            **({"functionError": "Unhandled"} if outcome.failed else {}),
        },
        "responsePayload": json.loads(outcome.payload),
    }
