"""Runs a transform job: the model's container answers the payloads made of the input objects.

Reads the model through the SageMaker API, its artifact and the input from S3 as the model's
role; writes one ``.out`` object an input object. Rules of splitting, strategy and assembling:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
"""

from __future__ import annotations

import gzip
import json
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.images import find_image
from sandbox.pipelines import s3_uri
from sandbox.pipelines.errors import JobFailure
from sandbox.pipelines.jobs.filters import join_and_filter, parse_row, row_filter, write_row
from sandbox.pipelines.jobs.transform_model import TransformModel, resolve_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.model import Document
    from sandbox.pipelines.jobs.transfer import Transfer
    from sandbox.pipelines.jobs.workbench import Workbench

_PAYLOADS = "/opt/ml/input/payloads"
_RESPONSES = "/opt/ml/output/responses"
_DEFAULT_PAYLOAD_MB = 6
_MEGABYTE = 1024 * 1024
_OK, _NO_CONTENT, _BAD_REQUEST, _SERVER_ERROR = 200, 204, 400, 500


@dataclass
class _Source:
    """One input object: its lines and where its payloads stand."""

    path: str
    text: str
    lines: list[str]
    payloads: range


def problems(request: Document) -> Iterator[str]:
    """Yield what the sandbox or SageMaker refuses in a request."""
    source = request["TransformInput"]
    if source["DataSource"]["S3DataSource"]["S3DataType"] not in {"S3Prefix", "ManifestFile"}:
        yield "TransformInput: the sandbox reads S3DataType S3Prefix or ManifestFile only"
    if source.get("SplitType", "None") not in {"None", "Line"}:
        yield f"TransformInput: the sandbox does not split by {source['SplitType']}; use Line"
    processing = request.get("DataProcessing") or {}
    for field in ("InputFilter", "OutputFilter"):
        try:
            row_filter(processing.get(field, "$"))
        except ValueError as error:
            yield f"DataProcessing {field}: {error}"
    if processing and _media_type(source.get("ContentType")) != "text/csv":
        yield "DataProcessing: the sandbox filters and joins ContentType text/csv only"


def run(bench: Workbench) -> None:
    """Run the job.

    Raises:
        JobFailure: With SageMaker's FailureReason.
        JobStopped: The job was stopped.
    """
    request = bench.job.request
    model = resolve_model(bench, request["ModelName"])
    serving = find_image(model.image).serving(model.environment)
    transfer = bench.transfer(model.role_arn)
    bench.container.create("/opt/ml/model", _PAYLOADS, _RESPONSES)
    bench.phase("Starting")
    _fetch_model(bench, transfer, model)
    sources = _fetch_inputs(bench, transfer)
    environment = {
        **bench.credentials(model.role_arn),
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_CONTENT_TYPE": request["TransformInput"].get("ContentType", ""),
        "SAGEMAKER_ACCEPT": request["TransformOutput"].get("Accept", ""),
        **serving.environment,
        **model.environment,
        **(request.get("Environment") or {}),
    }
    bench.run([*serving.arguments, _PAYLOADS, _RESPONSES], environment)
    outputs = [(source, _output(bench, source)) for source in sources]
    for source, text in outputs:
        _upload(bench, transfer, source, text)


def _fetch_model(bench: Workbench, transfer: Transfer, model: TransformModel) -> None:
    try:
        bucket, key = s3_uri.split(model.data_url)
        with tarfile.open(fileobj=transfer.open(bucket, key), mode="r|gz") as archive:
            archive.extractall(bench.container.path("/opt/ml/model"), filter="data")
    except (ValueError, tarfile.TarError, OSError) as error:
        raise JobFailure(
            f"ClientError: Cannot unpack model data {model.data_url}: {error}"
        ) from error


def _fetch_inputs(bench: Workbench, transfer: Transfer) -> list[_Source]:
    source = bench.job.request["TransformInput"]
    place = source["DataSource"]["S3DataSource"]
    found: list[_Source] = []
    count = 0
    for bucket, key, path in transfer.objects(place["S3Uri"], place["S3DataType"]):
        body = transfer.open(bucket, key).read()
        if source.get("CompressionType") == "Gzip":
            body = gzip.decompress(body)
        text = body.decode("utf-8")
        lines = _lines(text)
        start = count
        for payload in _payloads(bench.job.request, text, lines):
            target = bench.container.path(f"{_PAYLOADS}/{count:08d}")
            target.write_text(payload, encoding="utf-8")
            count += 1
        found.append(_Source(path, text, lines, range(start, count)))
        bench.check_stop()
    return found


def _payloads(request: Document, text: str, lines: list[str]) -> Iterator[str]:
    limit = int(request.get("MaxPayloadInMB") or _DEFAULT_PAYLOAD_MB) * _MEGABYTE
    expression = (request.get("DataProcessing") or {}).get("InputFilter") or "$"
    if expression != "$":
        keep = row_filter(expression)
        lines = [write_row(keep(parse_row(line))) for line in lines]
        text = "\n".join(lines) + "\n"
    if request["TransformInput"].get("SplitType", "None") == "None":
        if len(text.encode()) > limit:
            raise JobFailure(
                f"ClientError: An input object is larger than MaxPayloadInMB ({limit // _MEGABYTE})"
                "; set SplitType Line"
            )
        yield text
        return
    single = request.get("BatchStrategy") == "SingleRecord"
    batch: list[str] = []
    size = 0
    for line in lines:
        length = len(line.encode()) + 1
        if batch and (single or size + length > limit):
            yield "\n".join(batch) + "\n"
            batch, size = [], 0
        batch.append(line)
        size += length
    if batch:
        yield "\n".join(batch) + "\n"


def _output(bench: Workbench, source: _Source) -> str:
    request = bench.job.request
    responses = [_response(bench, index) for index in source.payloads]
    processing = request.get("DataProcessing") or {}
    join = processing.get("JoinSource") == "Input"
    output_filter = processing.get("OutputFilter") or "$"
    if not join and output_filter == "$":
        if request["TransformOutput"].get("AssembleWith", "None") == "Line":
            return "".join(response.rstrip("\n") + "\n" for response in responses)
        return "".join(responses)
    lines = [line for response in responses for line in _lines(response)]
    try:
        joined = join_and_filter(source.lines, lines, join, output_filter)
    except ValueError as error:
        raise JobFailure(f"ClientError: {source.path}: {error}") from error
    return "".join(f"{line}\n" for line in joined)


def _response(bench: Workbench, index: int) -> str:
    base = bench.container.path(f"{_RESPONSES}/{index:08d}")
    status = int(json.loads(base.with_suffix(".json").read_text(encoding="utf-8"))["status"])
    body = base.read_text(encoding="utf-8")
    if status in {_OK, _NO_CONTENT}:
        return body
    kind = "ClientError" if _BAD_REQUEST <= status < _SERVER_ERROR else "AlgorithmError"
    raise JobFailure(
        f"{kind}: Bad HTTP status received from algorithm: {status}. {body.strip()} "
        "See job logs for more information"
    )


def _upload(bench: Workbench, transfer: Transfer, source: _Source, text: str) -> None:
    target = bench.job.request["TransformOutput"]
    path = bench.container.folder / "home" / "result.out"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    uri = s3_uri.join(target["S3OutputPath"], f"{source.path}.out")
    transfer.upload(path, uri, target.get("KmsKeyId"))


def _lines(text: str) -> list[str]:
    # Not splitlines(), which also splits at form feeds and the like.
    return [line.removesuffix("\r") for line in text.split("\n") if line.strip()]


def _media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()
