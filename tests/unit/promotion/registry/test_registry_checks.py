"""The checks before an approval, on facts in memory."""

import importlib
from dataclasses import replace

import pytest

from promotion.registry.checks import (
    CheckResult,
    Facts,
    check_names,
    checks,
    override,
    refusals,
    run_checks,
)
from promotion.registry.checks.facts import (
    Artifact,
    Comparison,
    Demands,
    Interval,
    Release,
    TrainingRun,
)
from promotion.registry.reports import comparison_of, document, metrics_of

GROUP = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/m"
APPROVER = "arn:aws:iam::111111111111:user/approver"
ROLE = "arn:aws:sts::222222222222:assumed-role/model-approver-role/promote"
TRAINER = "arn:aws:iam::333333333333:user/scientist"
SSO = "arn:aws:sts::{}:assumed-role/AWSReservedSSO_{}_0123456789abcdef/{}"
DIGEST = "ab" * 32
AUC = Interval(0.9, 0.88, 0.92)
COMPARISON = Comparison(
    champion_arn=f"{GROUP}/1",
    reason="",
    rows=200,
    confidence=0.95,
    candidate={"auc": AUC},
    champion={"auc": AUC},
    difference={"auc": Interval(-0.01, -0.05, 0.03)},
)
FACTS = Facts(
    arn=f"{GROUP}/2",
    demands=Demands({"auc": 0.85}, {"brier": 0.2}),
    metrics={"auc": AUC, "brier": Interval(0.1, 0.08, 0.12)},
    artifact=Artifact("s3://b/m", True, "e", DIGEST, "e", DIGEST),
    baseline={"statistics": ("s3://b/s", True), "constraints": ("s3://b/c", True)},
    release=Release(DIGEST, published=True),
    training=TrainingRun(TRAINER, release_digest=DIGEST),
    deciders=(APPROVER, ROLE),
    serving_arn=f"{GROUP}/1",
    comparison=COMPARISON,
)


def result_of(name: str, **changes: object) -> CheckResult:
    return next(each for each in run_checks(replace(FACTS, **changes)) if each.check == name)


def test_run_checks__whole_version__all_pass_by_name() -> None:
    assert [(each.check, each.outcome, each.hint) for each in run_checks(FACTS)] == [
        (name, "passed", "")
        for name in ("artifact", "baseline", "four-eyes", "metrics", "not-worse", "release")
    ]


def test_checks__every_file__declares_itself() -> None:
    for check in checks():
        module = importlib.import_module(
            f"promotion.registry.checks.{check.name.replace('-', '_')}"
        )
        assert (module.CHECK, module.SUMMARY) == (check.name, check.summary)
        assert len(check.summary) <= 100
    assert tuple(check.name for check in checks()) == check_names()


@pytest.mark.parametrize(
    ("check", "changes", "message"),
    [
        ("metrics", {"metrics": None}, "the evaluation of the version cannot be read"),
        (
            "metrics",
            {"demands": Demands({"auc": 0.95})},
            "auc 0.900 (0.880 to 0.920), demanded at least 0.95",
        ),
        (
            "metrics",
            {"demands": Demands({}, {"brier": 0.05})},
            "brier 0.100 (0.080 to 0.120), demanded at most 0.05",
        ),
        (
            "metrics",
            {"demands": Demands({"recall": 0.5})},
            "recall is not measured, demanded at least 0.5",
        ),
        ("artifact", {"artifact": Artifact()}, "no archive is recorded: does not exist, or"),
        (
            "artifact",
            {"artifact": Artifact("s3://b/m", True, "x", "", "e")},
            "s3://b/m has ETag x, but e was registered",
        ),
        (
            "artifact",
            {"artifact": Artifact("s3://b/m", True, "e", "0" * 64, "", DIGEST)},
            f"s3://b/m has SHA-256 {'0' * 64}, but {DIGEST} was scored",
        ),
        (
            "artifact",
            {"artifact": Artifact("s3://b/m", True, "e")},
            "s3://b/m exists, but no digest was recorded of it",
        ),
        (
            "baseline",
            {"baseline": {"statistics": ("", False), "constraints": ("s3://b/c", False)}},
            "does not exist, or cannot be read: constraints: s3://b/c; statistics: none is",
        ),
        ("release", {"release": Release()}, "no release is recorded with the version"),
        (
            "release",
            {"release": Release(DIGEST, True, "leaks [x]")},
            f"release {DIGEST[:12]} was withdrawn: leaks [x]",
        ),
        (
            "release",
            {"training": TrainingRun(TRAINER, release_digest="cd" * 32)},
            "release abababababab is recorded, but the ledger says that cdcdcdcdcdcd ran",
        ),
        (
            "release",
            {"release": Release(DIGEST), "training": None},
            "neither the release store nor the ledger knows release abababababab",
        ),
        ("four-eyes", {"training": None}, "the ledger has no record of the run that registered"),
        ("four-eyes", {"training": TrainingRun("")}, "the ledger does not say who started"),
        ("four-eyes", {"deciders": (APPROVER, TRAINER)}, f"{TRAINER} started the training and"),
        (
            "four-eyes",
            {
                "training": TrainingRun(SSO.format("3" * 12, "Scientist", "ada@example.com")),
                "deciders": (SSO.format("1" * 12, "Approver", "ada@example.com"),),
            },
            f"{SSO.format('3' * 12, 'Scientist', 'ada@example.com')} started the training and",
        ),
        ("not-worse", {"comparison": None}, "the train pipeline's comparison with the version"),
        (
            "not-worse",
            {"serving_arn": f"{GROUP}/7"},
            "version 7 is in service, but the candidate was compared with version 1",
        ),
        (
            "not-worse",
            {"comparison": replace(COMPARISON, difference={})},
            "the comparison has no auc",
        ),
        (
            "not-worse",
            {"demands": Demands(margin=0.049)},
            "auc against version 1 on the same 200 rows: -0.010 (-0.050 to +0.030), margin 0.049",
        ),
    ],
)
def test_check__one_thing_is_wrong__that_one_refuses_with_a_next_step(
    check: str, changes: dict[str, object], message: str
) -> None:
    found = result_of(check, **changes)
    assert (found.passed, found.message[: len(message)], bool(found.hint)) == (False, message, True)


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("metrics", {"demands": Demands(), "metrics": None}),
        ("not-worse", {"serving_arn": "", "comparison": None}),
        ("not-worse", {"serving_arn": f"{GROUP}/2", "comparison": None}),
        ("not-worse", {"demands": Demands(margin=0.05)}),
        ("release", {"release": Release(DIGEST)}),
        ("release", {"training": None}),
        ("artifact", {"artifact": Artifact("s3://b/m", True, "e", "", "e")}),
        # Two people of one role, and a session name that only looks alike.
        (
            "four-eyes",
            {
                "training": TrainingRun(ROLE.replace("model-approver", "other")),
                "deciders": (ROLE,),
            },
        ),
    ],
)
def test_check__nothing_to_object__passes(check: str, changes: dict[str, object]) -> None:
    assert result_of(check, **changes).passed


def test_override__of_a_refusal__is_kept_and_refuses_no_more() -> None:
    results = run_checks(replace(FACTS, metrics=None, comparison=None))
    answered = override(results, {"metrics": "a trial", "release": "not needed"})
    assert [(each.check, each.overridden) for each in answered if each.outcome != "passed"] == [
        ("metrics", "a trial"),
        ("not-worse", ""),
    ]
    assert [each.check for each in refusals(answered)] == ["not-worse"]


@pytest.mark.parametrize("content", [None, b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_document__not_an_object__is_none(content: bytes | None) -> None:
    assert document(content) is None
    assert metrics_of(document(content)) is None
    assert comparison_of(document(content)) is None


def test_reports__numbers_that_are_none__are_left_out() -> None:
    found = metrics_of(
        {
            "binary_classification_metrics": {
                "auc": {"value": 0.9, "low": 0.8, "high": 1},
                "brier": {"value": "0.1", "low": 0, "high": 1},
                "recall": {"value": float("nan"), "low": 0, "high": 1},
                "accuracy": 0.9,
            }
        }
    )
    assert found == {"auc": Interval(0.9, 0.8, 1.0)}
    assert metrics_of({"binary_classification_metrics": "x"}) is None
    assert comparison_of({"rows": "many", "confidence": 0.95}) is None


@pytest.mark.parametrize(
    ("recorded", "message"),
    [
        (DIGEST, "digest abababababab, as recorded when it was loaded and scored"),
        ("", "ETag e, as registered; no step has recorded that it loads"),
    ],
)
def test_artifact__whole__says_whether_it_was_seen_to_load(recorded: str, message: str) -> None:
    artifact = Artifact("s3://b/m", True, "e", recorded, "e", recorded)
    assert result_of("artifact", artifact=artifact) == CheckResult("artifact", True, message)
