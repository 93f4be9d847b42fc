"""What the ledger says of releases, from entries in memory."""

import pytest

from promotion.history.stage import Line
from promotion.ledger.record import Record
from promotion.releases.ledger import Runs, run_of
from promotion.releases.model import demanded_pipelines

DIGEST = "d" * 64
RUN = ("dev", DIGEST, "mammography-train")


def record(**values):
    given = {
        "kind": "execution",
        "at": "2026-01-31T06:00:00.000000Z",
        "actor": "",
        "account_id": "3" * 12,
        "outcome": "Succeeded",
        "environment": "dev",
        "release_digest": DIGEST,
        "details": {"pipeline": "mammography-train"},
    }
    return Record(**given | values)


def line(sequence, **values):
    return Line(sequence, "2026-01-31T06:00:01.000000Z", "0" * 64, "t", record(**values))


@pytest.mark.parametrize(
    ("values", "run"),
    [
        ({}, RUN),
        ({"outcome": "Failed"}, None),
        ({"outcome": "Stopped"}, None),
        ({"kind": "retrain"}, None),
        ({"release_digest": ""}, None),
        ({"environment": "prod"}, ("prod", DIGEST, "mammography-train")),
        ({"details": {}}, ("dev", DIGEST, "")),
    ],
)
def test_run_of__record__is_a_succeeded_execution_of_a_release(values, run):
    assert run_of(record(**values)) == run


def test_runs__found__reads_no_further_and_remembers():
    read = []

    def lines():
        for number in (3, 2, 1):
            read.append(number)
            yield line(number, **({} if number == 2 else {"outcome": "Failed"}))

    runs = Runs(lines())
    assert (runs.has(RUN), read) == (True, [3, 2])
    assert (runs.has(RUN), read) == (True, [3, 2])
    assert (runs.has(("prod", DIGEST, "mammography-train")), read) == (False, [3, 2, 1])
    assert (runs.has(RUN), runs.has(("dev", "e" * 64, "mammography-train"))) == (True, False)


@pytest.mark.parametrize(
    ("keys", "approved", "demanded"),
    [
        (("train", "inference"), False, ("train",)),
        (("train", "inference"), True, ("inference", "train")),
        (("train", "tune"), True, ("train",)),
        (("fit", "score"), False, ("fit", "score")),
        (("fit", "inference"), False, ("fit",)),
        (("fit", "inference"), True, ("fit", "inference")),
        ((), True, ()),
    ],
)
def test_demanded_pipelines__keys__are_train_and_once_approved_inference(keys, approved, demanded):
    assert demanded_pipelines(keys, model_approved=approved) == demanded
