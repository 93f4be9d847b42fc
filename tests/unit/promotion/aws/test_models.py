"""AWS's service models, against what botocore's own loader reads."""

import gzip
import json

import pytest
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import create_loader

from promotion.aws.models import Models, models


@pytest.mark.parametrize("kind", ["service-2", "paginators-1", "endpoint-rule-set-1"])
@pytest.mark.parametrize("service", ["sts", "dynamodb"])
def test_load__service_of_botocore__is_what_botocore_reads(service, kind):
    ours, theirs = models(None), create_loader()
    assert ours.load_service_model(service, kind) == theirs.load_service_model(service, kind)


def test_list__services_of_botocore__are_those_of_botocore():
    assert models(None).list_available_services("service-2") == sorted(
        create_loader().list_available_services("service-2")
    )


def test_load__order_of_members__is_that_of_the_file(tmp_path):
    (tmp_path / "things.json").write_text('{"z": 1, "a": {"y": 2, "b": 3}}')
    found = Models([str(tmp_path)]).load_data("things")
    assert json.dumps(found) == '{"z": 1, "a": {"y": 2, "b": 3}}'


def test_load__service_in_a_folder_of_the_data_path__is_found_packed_or_not(tmp_path):
    for name, version in (("old", "2020-01-01"), ("old", "2021-01-01"), ("packed", "2020-01-01")):
        folder = tmp_path / name / version
        folder.mkdir(parents=True)
        body = json.dumps({"from": f"{name} {version}"}).encode()
        if name == "packed":
            (folder / "service-2.json.gz").write_bytes(gzip.compress(body))
        else:
            (folder / "service-2.json").write_bytes(body)
    found = models(f"{tmp_path / 'none'}:{tmp_path}")
    assert found.load_service_model("old", "service-2") == {"from": "old 2021-01-01"}
    assert found.load_service_model("packed", "service-2") == {"from": "packed 2020-01-01"}
    assert found.load_service_model("sts", "service-2")["metadata"]["serviceId"] == "STS"


def test_load__unknown_service_or_kind__is_refused_as_botocore_does():
    with pytest.raises(UnknownServiceError):
        models(None).load_service_model("no-such-service", "service-2")
    with pytest.raises(DataNotFoundError):
        models(None).load_service_model("sts", "waiters-9")


def test_models__asked_twice__are_read_once():
    assert models(None) is models(None)
