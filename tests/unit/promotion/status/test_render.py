"""The status table's rows."""

from datetime import UTC, datetime, timedelta

import pytest

from promotion.status.model import Drift, PipelineStatus, UseCaseStatus
from promotion.status.render import status_rows

MOMENT = datetime(2026, 1, 31, 6, 0, tzinfo=UTC)
NOW = MOMENT + timedelta(days=3, hours=5)


def test_rows__deployed__has_a_row_for_each_pipeline():
    status = UseCaseStatus(
        use_case="mammography",
        environment="prod",
        account_id="444444444444",
        pipelines=(
            PipelineStatus("inference", "m-inference"),
            PipelineStatus(
                "train",
                "m-train",
                deployed=True,
                release_digest="d" * 64,
                git_commit="c" * 40,
                last_modified_at=MOMENT,
                edited_by_hand=True,
                drift=Drift.EDITED,
                last_execution_status="Failed",
                last_execution_arn="arn",
                last_execution_at=MOMENT,
            ),
        ),
        model_in_service=2,
        pending_approvals=(3, 4),
    )
    assert status_rows((status,), NOW) == [
        ["mammography", "prod", "inference", "not deployed", "-", "-", "-", "-", "v2", "v3, v4"],
        [
            "",
            "",
            "train",
            "dddddddddddd",
            "ccccccc",
            "?",
            "EDITED BY HAND",
            "Failed 2026-01-31 06:00",
            "",
            "",
        ],
    ]


def test_rows__not_ours__says_so():
    pipeline = PipelineStatus("train", "m-train", deployed=True, last_modified_at=MOMENT)
    [row] = status_rows((UseCaseStatus("m", "dev", "333333333333", (pipeline,)),), NOW)
    assert row[3:] == ["not ours", "-", "?", "-", "-", "none", "none"]


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        (timedelta(days=3, hours=5), "3 d"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(seconds=59), "0 min"),
        (timedelta(days=-2), "0 min"),
    ],
)
def test_rows__applied__tells_the_age_and_the_drift(passed, told):
    pipeline = PipelineStatus(
        "train", "m-train", deployed=True, release_digest="d" * 64, git_commit="c" * 40,
        last_modified_at=MOMENT, applied_at=MOMENT, drift=Drift.UNLIKE_RELEASE,
    )  # fmt: skip
    [row] = status_rows((UseCaseStatus("m", "dev", "3" * 12, (pipeline,)),), MOMENT + passed)
    assert row[5:7] == [told, "unlike its release"]


def test_rows__account_out_of_reach__has_question_marks():
    status = UseCaseStatus("m", "dev", "3" * 12, model_in_service=2, problems=("denied",))
    assert status_rows((status,), NOW) == [
        ["m", "dev", "?", "cannot be asked", "?", "?", "?", "?", "v2", "none"]
    ]


def test_rows__registry_out_of_reach__has_question_marks_for_the_model_alone():
    pipeline = PipelineStatus("train", "m-train")
    status = UseCaseStatus("m", "dev", "3" * 12, (pipeline,), model_known=False, problems=("x",))
    [row] = status_rows((status,), NOW)
    assert row[3:] == ["not deployed", "-", "-", "-", "-", "?", "?"]
