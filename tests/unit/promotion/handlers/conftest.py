"""Botocore clients whose responses the tests give."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

MakeStub = Callable[[str], tuple[Any, Stubber]]


@pytest.fixture
def stub() -> MakeStub:
    """Return a function that makes a client and its stubber (active)."""

    def make(service: str) -> tuple[Any, Stubber]:
        client = boto3.client(
            service,
            region_name="eu-west-1",
            aws_access_key_id="AKIATEST",
            aws_secret_access_key="test",
        )
        stubber = Stubber(client)
        stubber.activate()
        return client, stubber

    return make
