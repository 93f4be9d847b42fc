"""Moves a job's data between S3 and its folder, with the job's role.

Reads and writes S3 through the client that it is given, and files under the given folder.
Prefix and manifest rules:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from sandbox.pipelines import s3_uri
from sandbox.pipelines.errors import JobFailure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.model import Document


class Transfer:
    """S3 as one job's role sees it.

    Args:
        client: boto3's S3 client of the role.
        role_arn: For messages.
        region: For messages.
    """

    def __init__(self, client: Any, role_arn: str, region: str) -> None:
        self._client = client
        self._role_arn = role_arn
        self._region = region

    def objects(self, uri: str, data_type: str) -> list[tuple[str, str, str]]:
        """Return (bucket, key, relative path) of each object of an input.

        Args:
            uri: Prefix, object or manifest.
            data_type: S3Prefix or ManifestFile.

        Raises:
            JobFailure: In SageMaker's words, when there is none or it may not be listed.
        """
        try:
            if data_type == "ManifestFile":
                return list(self._manifest(uri))
            bucket, prefix = s3_uri.split(uri)
            found = [(bucket, key, relative(key, prefix)) for key in self._keys(bucket, prefix)]
        except ValueError as error:
            raise JobFailure(f"ClientError: {error}") from error
        except self._errors as error:
            raise JobFailure(
                f"ClientError: Data download failed: {_detail(error)} ({uri})"
            ) from error
        if not found:
            raise JobFailure(f"ClientError: {self.missing(uri)}")
        return found

    def missing(self, uri: str) -> str:
        """Return SageMaker's message for an input without objects."""
        bucket = uri.partition("://")[2].partition("/")[0]
        return (
            f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure '
            f"that the bucket exists in the selected region ({self._region}), that objects exist "
            f'under that S3 prefix, and that the role "{self._role_arn}" has "s3:ListBucket" '
            f'permissions on bucket "{bucket}".'
        )

    def download(self, uri: str, data_type: str, folder: Path) -> None:
        """Copy an input's objects into a folder.

        Raises:
            JobFailure: An object is missing or may not be read.
        """
        for bucket, key, path in self.objects(uri, data_type):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                shutil.copyfileobj(self.open(bucket, key), file)

    def open(self, bucket: str, key: str) -> Any:
        """Open an object for reading.

        Raises:
            JobFailure: It is missing or may not be read.
        """
        try:
            return self._client.get_object(Bucket=bucket, Key=key)["Body"]
        except self._errors as error:
            uri = f"s3://{bucket}/{key}"
            raise JobFailure(
                f"ClientError: Data download failed: {_detail(error)} ({uri})"
            ) from error

    def upload(self, path: Path, uri: str, kms_key_id: str | None) -> None:
        """Copy one file to an object, or a folder's files under a prefix.

        Raises:
            JobFailure: The role may not write there.
        """
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file():
                    self.upload(file, s3_uri.join(uri, str(file.relative_to(path))), kms_key_id)
            return
        bucket, key = s3_uri.split(uri)
        extra = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_id} if kms_key_id else {}
        try:
            with path.open("rb") as body:
                self._client.put_object(Bucket=bucket, Key=key, Body=body, **extra)
        except self._errors as error:
            raise JobFailure(
                f"ClientError: Artifact upload failed: {_detail(error)} ({uri})"
            ) from error

    @property
    def _errors(self) -> tuple[type[Exception], ...]:
        from botocore.exceptions import BotoCoreError, ClientError

        return (BotoCoreError, ClientError)

    def _keys(self, bucket: str, prefix: str) -> Iterator[str]:
        request: Document = {"Bucket": bucket, "Prefix": prefix}
        while True:
            answer = self._client.list_objects_v2(**request)
            for row in answer.get("Contents", []):
                if not row["Key"].endswith("/"):  # a console's folder marker, not data
                    yield row["Key"]
            if not answer.get("IsTruncated"):
                return
            request["ContinuationToken"] = answer["NextContinuationToken"]

    def _manifest(self, uri: str) -> Iterator[tuple[str, str, str]]:
        bucket, key = s3_uri.split(uri)
        try:
            rows = json.loads(self.open(bucket, key).read())
            head, *names = rows
            root = str(head["prefix"])
        except (ValueError, KeyError, TypeError) as error:
            raise JobFailure(
                f"ClientError: Manifest {uri} is not a list of "
                '{"prefix": …} followed by relative paths'
            ) from error
        target, prefix = s3_uri.split(root)
        for name in names:
            yield target, f"{prefix}{name}", str(name)


def relative(key: str, prefix: str) -> str:
    """Return the path of an object below the folder that a prefix stands for."""
    folder = prefix if prefix.endswith("/") or key.startswith(f"{prefix}/") else ""
    if not folder:
        folder = prefix[: prefix.rfind("/") + 1]
    return key[len(folder) :].lstrip("/")


def _detail(error: Exception) -> str:
    response = getattr(error, "response", None)
    if not response:
        return str(error)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
    return f"{response['Error']['Code']} ({status}): {response['Error']['Message']}"
