"""The model card: charts by hand-made reports, and a page that needs nothing else."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from promotion.aws.model_packages import LifeCycle, ModelPackage, PackageFiles
from promotion.registry.card import charts
from promotion.registry.card.render import Reports, card, lineage
from promotion.registry.checks import run_checks
from promotion.registry.checks.facts import (
    Artifact,
    Comparison,
    Demands,
    Facts,
    Interval,
    Release,
    TrainingRun,
)
from promotion.registry.examine import Examination
from promotion.registry.versions import model_version

GROUP = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/m"
AUC = Interval(0.9, 0.88, 0.92)
EVALUATION = {
    "roc_curve": {"fpr": [0.0, 0.5, 1.0], "tpr": [0.0, 1.0, 1.0]},
    "pr_curve": {"precision": [1.0, 0.5], "recall": [0.5, 1.0]},
    "calibration": [{"mean_predicted": 0.5, "observed": 1.0, "count": 4}],
    "confusion_matrix": {
        "true_positive": 11, "false_positive": 22, "false_negative": 33, "true_negative": 44,
    },
    "threshold": 0.5,
}  # fmt: skip
STATISTICS = {
    "features": [
        {
            "name": "age",
            "numerical_statistics": {
                "common": {"num_present": 9, "num_missing": 1},
                "distribution": {
                    "kll": {
                        "buckets": [
                            {"lower_bound": 0, "upper_bound": 10, "count": 3},
                            {"lower_bound": 10, "upper_bound": 20, "count": 6},
                        ]
                    }
                },
            },
        },
        {
            "name": "<script>",
            "string_statistics": {
                "common": {"num_present": 4, "num_missing": 0},
                "distribution": {
                    "categorical": {
                        "buckets": [{"value": "b", "count": 3}, {"value": "a", "count": 1}]
                    }
                },
            },
        },
    ]
}


def examination() -> Examination:
    package = ModelPackage(
        arn=f"{GROUP}/2",
        version=2,
        approval_status="PendingManualApproval",
        created_at=datetime(2026, 1, 31, tzinfo=UTC),
        metadata={"release_digest": "ab" * 32, "git_commit": "c0ffee1234", "dataset_rows": "800"},
        life_cycle=LifeCycle(),
        files=PackageFiles("s3://b/m.tar.gz"),
    )
    facts = Facts(
        arn=package.arn,
        demands=Demands({"auc": 0.95}),
        metrics={"auc": AUC},
        artifact=Artifact("s3://b/m.tar.gz", True, "e", "cd" * 32, "", "cd" * 32),
        baseline={"statistics": ("s3://b/s", True)},
        release=Release("ab" * 32, published=True),
        training=TrainingRun("arn:aws:iam::1:user/ada", datasets=(("s3://d/part-1.csv", "v"),)),
        deciders=("arn:aws:iam::1:user/<b>eve</b>",),
        serving_arn=f"{GROUP}/1",
        comparison=Comparison(
            f"{GROUP}/1", "none", 200, 0.95, {"auc": AUC}, {"auc": AUC}, {"auc": AUC}
        ),
    )
    serving = model_version(replace(package, arn=f"{GROUP}/1", version=1))
    return Examination("m", model_version(package), serving, package, facts, run_checks(facts))


class Tags(HTMLParser):
    """Keeps which tags are open, and what the page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href")]
        if tag not in ("meta", "br", "line", "path", "circle"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_curve__three_points__path_in_pixels() -> None:
    path = charts.curve(EVALUATION, "roc_curve", "fpr", "tpr")
    assert path == "M36.0,204.0L173.0,10.0L310.0,10.0"


@pytest.mark.parametrize(
    "evaluation", [{}, {"roc_curve": 3}, {"roc_curve": {"fpr": "x", "tpr": [float("nan")]}}]
)
def test_curve__no_curve__is_empty(evaluation: dict[str, object]) -> None:
    assert charts.curve(evaluation, "roc_curve", "fpr", "tpr") == ""


def test_line__many_points__is_thinned_and_keeps_the_ends() -> None:
    points = [(index / 9999, 0.5) for index in range(10_000)]
    path = charts.line(points)
    assert (path.count("L") <= 301, path[:12], path[-11:]) == (True, "M36.0,107.0L", "310.0,107.0")


def test_calibration__bins__place_and_size() -> None:
    found = {"calibration": [*EVALUATION["calibration"], {"mean_predicted": 0.0}, "x"]}
    assert charts.calibration(found) == [(173.0, 10.0, 10.0)]
    assert charts.calibration({"calibration": None}) == []


def test_distributions__two_baselines__share_one_scale() -> None:
    [age, category] = charts.distributions(STATISTICS, STATISTICS)
    assert (age.name, age.labels, age.missing) == ("age", ((36.0, "0"), (310.0, "20")), (0.1, 0.1))
    # A third and two thirds of the rows on intervals of one width: half as high, and full height.
    assert age.candidate == ("M36.0,204.0L36.0,107.0L173.0,107.0L173.0,10.0L310.0,10.0L310.0,204.0")
    assert age.serving == age.candidate
    assert (category.missing, [words for _, words in category.labels]) == ((0.0, 0.0), ["a", "b"])
    assert charts.distributions({"features": [{"name": "x"}]}, None) == []


def test_distributions__category_that_only_one_has__keeps_the_others_in_place() -> None:
    def baseline(*values: str) -> dict[str, object]:
        buckets = [{"value": value, "count": 1} for value in values]
        distribution = {"categorical": {"buckets": buckets}}
        return {"features": [{"name": "c", "string_statistics": {"distribution": distribution}}]}

    [found] = charts.distributions(baseline("a", "c"), baseline("b", "c"))
    assert [words for _, words in found.labels] == ["a", "b", "c"]
    # Both have c at the right; this version falls to nothing where it has no b.
    right = "L231.7,204.0L231.7,10.0L310.0,10.0L310.0,204.0"
    assert (found.candidate[-len(right) :], found.serving[-len(right) :]) == (right, right)
    assert found.candidate.startswith("M36.0,204.0L36.0,10.0L114.3,10.0L114.3,204.0L231.7")
    assert found.serving.startswith("M133.9,204.0L133.9,10.0")


def test_card__whole_version__is_one_file_and_escapes() -> None:
    page = card(examination(), Reports(EVALUATION, STATISTICS), Reports(EVALUATION, STATISTICS))
    tags = Tags()
    tags.feed(page)
    assert (tags.open, tags.references) == ([], [])
    assert "url(" not in page and "<script" not in page and "<b>eve</b>" not in page
    for words in (
        "m version 2",
        "6 checks: 5 passed, 1 refused",
        'aria-label="ROC curve"',
        'aria-label="Precision and recall curve"',
        "Calibration",
        "<b>33</b>positive, missed",
        'aria-label="Distribution of &lt;script&gt;"',
        "version in service, on its own held-out rows",
        "Both versions scored the same 200 rows".replace("Both", "both"),
        "prefers-color-scheme: dark",
        'content="width=device-width, initial-scale=1"',
    ):
        assert words in page, words
    assert len(re.findall(r'<path class="serving"', page)) == 4


def test_card__nothing_can_be_read__says_so() -> None:
    found = examination()
    empty = replace(found, facts=replace(found.facts, metrics=None, comparison=None), serving=None)
    page = card(empty, Reports(), None)
    for words in (
        "The evaluation cannot be read.",
        "The evaluation has no curves.",
        "The baseline",
    ):
        assert words in page


def test_lineage__version_in_service__ends_in_the_environments() -> None:
    found = examination()
    assert lineage(found)[0] == ("data", ["part-1.csv", "800 rows", "SHA-256 "])
    serving = replace(found, serving=found.version)
    assert [name for name, _ in lineage(serving)] == [
        "data", "release", "training", "archive", "version", "in service",
    ]  # fmt: skip
