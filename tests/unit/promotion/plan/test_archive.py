"""Plan files, there and back."""

import io
import json
import tarfile

import pytest

from promotion.errors import PromotionError
from promotion.plan.archive import PlanFileError, read_plan, write_plan
from promotion.plan.encode import plan_document, plan_from_document
from promotion.plan.model import Plan

PLAN = Plan("dev", "333333333333", "eu-west-1", "f" * 64)


def rewrite(path, members):
    with tarfile.open(path, "w") as archive:
        for name, body in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))


def members_of(path):
    with tarfile.open(path) as archive:
        return [(entry.name, archive.extractfile(entry).read()) for entry in archive]


def test_archive__there_and_back__is_the_same(tmp_path):
    path = tmp_path / "deep" / "x.plan"
    digest = write_plan(path, PLAN, {"releases/m.tar": b"r", "handlers/h.zip": b"h"})
    file = read_plan(path)
    assert (file.plan, file.digest) == (PLAN, digest)
    assert (file.under("releases/"), file.under("handlers/")) == ({"m.tar": b"r"}, {"h.zip": b"h"})


def test_archive__same_parts__same_bytes(tmp_path):
    first = write_plan(tmp_path / "a", PLAN, {"a": b"1", "b": b"2"})
    assert write_plan(tmp_path / "b", PLAN, {"b": b"2", "a": b"1"}) == first


def test_read__every_place_cut__is_refused(tmp_path):
    path = tmp_path / "x.plan"
    write_plan(path, PLAN, {"releases/m.tar": b"r" * 700})
    content = path.read_bytes()
    end = len(content.rstrip(b"\0"))
    for length in range(0, end, 97):
        path.write_bytes(content[:length])
        with pytest.raises(PlanFileError):
            read_plan(path)


def test_read__member_twice_or_unknown__is_refused(tmp_path):
    path = tmp_path / "x.plan"
    write_plan(path, PLAN, {})
    members = members_of(path)
    rewrite(path, [*members, members[-1]])
    with pytest.raises(PlanFileError, match="stands twice"):
        read_plan(path)
    rewrite(path, [*members, ("extra", b"")])
    with pytest.raises(PlanFileError) as caught:
        read_plan(path)
    assert caught.value.problems == ("extra is not in the manifest",)


def test_read__manifest_of_another_account__is_refused(tmp_path):
    path = tmp_path / "x.plan"
    write_plan(path, PLAN, {})
    members = [
        (name, body.replace(b"333333333333", b"444444444444") if name == "manifest.json" else body)
        for name, body in members_of(path)
    ]
    rewrite(path, members)
    with pytest.raises(PlanFileError, match="another environment or account"):
        read_plan(path)


def test_read__manifest_that_is_a_list__is_refused(tmp_path):
    path = tmp_path / "x.plan"
    rewrite(path, [("manifest.json", b"[]")])
    with pytest.raises(PlanFileError, match=r"manifest.json is not a JSON object"):
        read_plan(path)


def test_encode__another_version__says_make_a_new_plan():
    with pytest.raises(PromotionError) as caught:
        plan_from_document({**plan_document(PLAN), "schema_version": 9})
    assert caught.value.message == "the plan has schema version 9, this promote reads 3"


def test_encode__a_field_of_the_wrong_kind__is_named():
    document = json.loads(json.dumps(plan_document(PLAN)))
    document["pipelines"] = [{"use_case": 3}]
    with pytest.raises(PromotionError, match=r"the plan is not valid: pipelines\.0\."):
        plan_from_document(document)
