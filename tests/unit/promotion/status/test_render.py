"""The status table's rows."""

from datetime import UTC, datetime

from promotion.status.model import PipelineStatus, UseCaseStatus
from promotion.status.render import status_rows

MOMENT = datetime(2026, 1, 31, 6, 0, tzinfo=UTC)


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
                last_execution_status="Failed",
                last_execution_arn="arn",
                last_execution_at=MOMENT,
            ),
        ),
        model_in_service=2,
        pending_approvals=(3, 4),
    )
    assert status_rows((status,)) == [
        ["mammography", "prod", "inference", "not deployed", "-", "-", "-", "v2", "v3, v4"],
        [
            "",
            "",
            "train",
            "dddddddddddd EDITED BY HAND",
            "ccccccc",
            "2026-01-31",
            "Failed 2026-01-31 06:00",
            "",
            "",
        ],
    ]


def test_rows__not_ours__says_so():
    pipeline = PipelineStatus("train", "m-train", deployed=True, last_modified_at=MOMENT)
    [row] = status_rows((UseCaseStatus("m", "dev", "333333333333", (pipeline,)),))
    assert row[3] == "not ours"
    assert row[7:] == ["none", "none"]


def test_rows__account_out_of_reach__has_question_marks():
    status = UseCaseStatus("m", "dev", "333333333333", problems=("denied",))
    assert status_rows((status,)) == [["m", "dev", "?", "?", "?", "?", "?", "?", "?"]]
