"""The report as a whole: structure, self-containment, escaping, empty stories, determinism."""

from __future__ import annotations

import copy
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jinja2 import UndefinedError
from sklearn.metrics import (
    average_precision_score,
    log_loss,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from sandbox.demo.report import render

if TYPE_CHECKING:
    from collections.abc import Callable

VOID = {"meta", "br", "link", "img", "input", "hr", "wbr", "base", "source"}
DIGEST = "sha256:9f2c41d07b6e58a3c1de9a4477f0b2e35c6d18fa90e7421bb8d3a65f40c2e917"
COMMIT = "3901229f4b7a60d1c8e25590ab6d3f7e8812c4d0"
THRESHOLD = 0.45


# ---------------------------------------------------------------------------- a realistic story


def story() -> dict[str, Any]:
    """Return the story of a whole demo: two accounts at work, a drift, two model versions."""
    return {
        "schema_version": 1,
        "title": "From a merge to a served model, and back by drift",
        "generated_at": "2026-11-05T06:00:40+00:00",
        "seconds": 192.4,
        "data_source": "UCI Mammographic Mass, 961 rows (sha256 2ed8bb60…)",
        "release": {
            "use_case": "mammography",
            "digest": DIGEST,
            "git_commit": COMMIT,
            "dirty": False,
        },
        "accounts": [
            {"environment": "tooling", "account_id": "444444444444", "kind": "tooling"},
            {"environment": "registry", "account_id": "333333333333", "kind": "registry"},
            {"environment": "dev", "account_id": "111111111111", "kind": "workload"},
            {"environment": "prod", "account_id": "222222222222", "kind": "workload"},
        ],
        "stages": _stages(),
        "timeline": _timeline(),
        "executions": _executions(),
        "models": [_model(1, seed=4, rows=480), _model(2, seed=9, rows=961)],
        "drift": [_drift()],
        "predictions": {
            "uri": "s3://acme-prod-data/mammography/predictions/x8f2k1q9p0zz/predictions.csv",
            "rows": 120,
            "auc": 0.8731,
            "sample": [
                {
                    "id": f"m-{number:04d}",
                    "score": f"{0.07 + number * 0.113:.4f}",
                    "predicted": str(int(0.07 + number * 0.113 > THRESHOLD)),
                    "model_version": "1",
                    "execution_id": "x8f2k1q9p0zz",
                }
                for number in range(8)
            ],
        },
        "inbox": _inbox(),
        "refusals": _refusals(),
        "ledger": _ledger(),
        "plans": _plans(),
    }


def _stages() -> list[dict[str, Any]]:
    told = [
        (
            "Four accounts; Terraform in registry, dev and prod",
            96.2,
            [
                "tooling answers as account 444444444444",
                "registry answers as account 333333333333",
                "Terraform state is at s3://acme-prod-tfstate/accounts/prod/terraform.tfstate, "
                "its lock released",
            ],
        ),
        (
            "One release: built, planned, applied to dev, trained",
            24.8,
            [
                f"release {DIGEST}",
                "version 1 is in the registry account, from dev, pending approval",
            ],
        ),
        ("No approval, no inference", 8.1, ["inference refuses: no approved model"]),
        ("The same release to prod", 12.9, ["the second plan of prod is empty"]),
        (
            "The schedule runs inference in prod",
            9.3,
            ["120 predictions are in prod's bucket", "AUC of this batch: 0.873"],
        ),
        (
            "A drifted batch starts one training",
            31.0,
            [
                "5 violations are at s3://acme-prod-data/…/constraint_violations.json",
                "one train execution started",
                "it was served by version 2",
            ],
        ),
        (
            "A missing batch alerts, and trains nothing",
            10.1,
            ["one alert is in the inbox", "no training was started"],
        ),
        ("Who may not, cannot", 3.3, ["dev's administrator may not approve version 2"]),
        ("The ledger tells it all", 4.2, ["the ledger is whole: 2 entries"]),
    ]
    return [
        {"number": number, "title": title, "seconds": seconds, "facts": facts}
        for number, (title, seconds, facts) in enumerate(told, start=1)
    ]


def _timeline() -> list[dict[str, str]]:
    told = [
        ("02T05:00:00", "registry", "terraform", "Terraform applied", "24 resources", "ok"),
        ("02T05:00:00", "dev", "terraform", "Terraform applied", "38 resources", "ok"),
        ("02T05:00:00", "prod", "terraform", "Terraform applied", "52 resources", "ok"),
        ("02T05:00:00", "tooling", "promotion", "release built", DIGEST, "ok"),
        ("02T05:00:00", "dev", "promotion", "plan applied in dev", "2 pipelines created", "ok"),
        ("02T05:01:00", "dev", "execution", "training", "registers version 1", "ok"),
        ("02T05:02:00", "dev", "execution", "inference", "no approved model", "stopped"),
        ("02T05:02:00", "registry", "approval", "version 1 approved", "AUC above 0.85", "ok"),
        ("02T05:03:00", "dev", "execution", "inference", "served by version 1", "ok"),
        ("02T05:03:00", "prod", "promotion", "plan applied in prod", "2 pipelines created", "ok"),
        ("02T06:00:00", "prod", "clock", "schedule is due", "cron(0 6 * * ? *)", "info"),
        ("02T06:00:00", "prod", "execution", "inference", "x8f2k1q9p0zz", "ok"),
        ("03T06:00:00", "prod", "clock", "schedule is due", "cron(0 6 * * ? *)", "info"),
        ("03T06:00:00", "prod", "execution", "inference", "DataDriftDetected", "stopped"),
        ("03T06:00:20", "prod", "event", "Data Drift Detected", "3 of 5 features", "info"),
        ("03T06:00:20", "prod", "alert", "drift in mammography", "mail delivered", "info"),
        ("03T06:00:30", "prod", "execution", "training", "registers version 2", "ok"),
        ("03T06:01:00", "registry", "approval", "version 2 approved", "not worse", "ok"),
        ("04T06:00:00", "prod", "clock", "schedule is due", "cron(0 6 * * ? *)", "info"),
        ("04T06:00:00", "prod", "execution", "inference", "served by version 2", "ok"),
        ("05T06:00:00", "prod", "clock", "schedule is due", "cron(0 6 * * ? *)", "info"),
        ("05T06:00:00", "prod", "execution", "inference", "the batch is missing", "failed"),
        ("05T06:00:40", "prod", "alert", "inference failed", "mail delivered", "info"),
    ]
    names = ("at", "environment", "kind", "title", "detail", "outcome")
    return [
        dict(zip(names, (f"2026-11-{event[0]}+00:00", *event[1:]), strict=True)) for event in told
    ]


TRAIN = {
    "Preprocess": ("Processing", 1.9, []),
    "Train": ("Training", 1.4, ["Preprocess"]),
    "Baseline": ("Processing", 1.6, ["Preprocess"]),
    "Evaluate": ("Processing", 2.2, ["Train", "Preprocess"]),
    "CheckAuc": ("Condition", 0.0, ["Evaluate"]),
    "RegisterModel": ("RegisterModel", 0.1, ["CheckAuc", "Train", "Evaluate", "Baseline"]),
    "AucTooLow": ("Fail", None, ["CheckAuc"]),
}
INFERENCE = {
    "ResolveModel": ("Lambda", 0.3, []),
    "ResolveBatch": ("Lambda", 0.2, []),
    "CheckDrift": ("Processing", 1.7, ["ResolveModel", "ResolveBatch"]),
    "IsDrifted": ("Condition", 0.0, ["CheckDrift"]),
    "PrepareBatch": ("Processing", 1.1, ["IsDrifted", "ResolveBatch"]),
    "CreateModel": ("Model", 0.1, ["IsDrifted", "ResolveModel"]),
    "Transform": ("Transform", 1.8, ["CreateModel", "PrepareBatch"]),
    "PublishPredictions": ("Processing", 1.2, ["Transform", "ResolveModel", "ResolveBatch"]),
    "EmitDrift": ("Lambda", 0.2, ["IsDrifted", "CheckDrift"]),
    "DataDriftDetected": ("Fail", 0.0, ["EmitDrift"]),
}


def _steps(
    definition: dict[str, Any], skipped: set[str], failed: dict[str, str], outcome: dict[str, str]
) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "type": kind,
            "status": "NotExecuted"
            if name in skipped
            else ("Failed" if name in failed else "Succeeded"),
            "seconds": None if name in skipped else seconds,
            "depends_on": depends_on,
            "failure_reason": failed.get(name),
            "outcome": outcome.get(name),
        }
        for name, (kind, seconds, depends_on) in definition.items()
    ]


RESOLVE = {"ResolveModel", "ResolveBatch"}
DRIFTED = {"EmitDrift", "DataDriftDetected"}
SERVED = {"PrepareBatch", "CreateModel", "Transform", "PublishPredictions"}


def _trained() -> list[dict[str, Any]]:
    return _steps(TRAIN, {"AucTooLow"}, {}, {"CheckAuc": "true"})


def _served() -> list[dict[str, Any]]:
    return _steps(INFERENCE, DRIFTED, {}, {"IsDrifted": "false"})


def _stopped(step: str, reason: str) -> list[dict[str, Any]]:
    return _steps(INFERENCE, set(INFERENCE) - RESOLVE, {step: reason}, {})


def _executions() -> list[dict[str, Any]]:
    drift = "Batch drifted from the baseline of version 1: age, shape, density. Retraining starts."
    missing = "NoSuchBatch: s3://acme-prod-data/mammography/batches/2026-11-05/batch.csv"
    refused = "NoApprovedModel: the group mammography has no approved version; approve one."
    drifted = _steps(INFERENCE, SERVED, {"DataDriftDetected": drift}, {"IsDrifted": "true"})
    return [
        _run("dev/train/t1a7", "promote run", 7.2, _trained()),
        _run("dev/inference/i1b3", "promote run", 0.6, _stopped("ResolveModel", refused)),
        _run("dev/inference/i2c9", "promote run", 6.4, _served()),
        _run("prod/inference/x8f2k1q9p0zz", "schedule", 6.6, _served()),
        _run("prod/inference/d4r1f7", "schedule", 2.4, drifted),
        _run("prod/train/t2e5", "drift event", 7.9, _trained()),
        _run("prod/inference/m1s5", "schedule", 0.5, _stopped("ResolveBatch", missing)),
    ]


def _run(place: str, trigger: str, seconds: float, steps: list[Any]) -> dict[str, Any]:
    environment, kind, identity = place.split("/")
    reasons = [step["failure_reason"] for step in steps if step["failure_reason"]]
    day = "2026-11-02T05:01:00+00:00" if environment == "dev" else "2026-11-03T06:00:00+00:00"
    return {
        "environment": environment,
        "pipeline": f"acme-{environment}-mammography-{kind}",
        "execution_id": identity,
        "status": "Failed" if reasons else "Succeeded",
        "trigger": trigger,
        "started_at": day,
        "seconds": seconds,
        "parameters": {
            "BatchUri": f"s3://acme-{environment}-data/mammography/batches/2026-11-03/batch.csv",
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
        },
        "failure_reason": reasons[0] if reasons else None,
        "steps": steps,
    }


def _model(version: int, seed: int, rows: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    actual = (random.random(192) < 0.46).astype(int)
    score = 1 / (1 + np.exp(-random.normal(np.where(actual == 1, 1.25, -1.25), 1.35)))
    fpr, tpr, _ = roc_curve(actual, score)
    precision, recall, _ = precision_recall_curve(actual, score)
    auc = float(roc_auc_score(actual, score))
    pr_auc, loss = float(average_precision_score(actual, score)), float(log_loss(actual, score))
    edges = np.clip((score * 10).astype(int), 0, 9)
    return {
        "version": version,
        "status": "Approved" if version == 1 else "PendingManualApproval",
        "environment": "dev" if version == 1 else "prod",
        "created_at": f"2026-11-0{version + 1}T06:00:38+00:00",
        "approval": "AUC above 0.85 with its interval; baseline reviewed" if version == 1 else None,
        "git_commit": COMMIT,
        "release_digest": DIGEST,
        "dataset_sha256": "2ed8bb60a517f631256d218a4885c56ef196d41023c63307ab40d69985be3b4a",
        "dataset_rows": rows,
        "metrics": {
            "auc": {"value": auc, "low": auc - 0.043, "high": min(auc + 0.037, 1.0)},
            "pr_auc": {"value": pr_auc, "low": pr_auc - 0.06, "high": min(pr_auc + 0.04, 1.0)},
            "log_loss": {"value": loss, "low": loss - 0.05, "high": loss + 0.07},
        },
        "threshold": THRESHOLD,
        "confusion_matrix": {
            "true_positive": int(((score >= THRESHOLD) & (actual == 1)).sum()),
            "false_positive": int(((score >= THRESHOLD) & (actual == 0)).sum()),
            "true_negative": int(((score < THRESHOLD) & (actual == 0)).sum()),
            "false_negative": int(((score < THRESHOLD) & (actual == 1)).sum()),
        },
        "roc_curve": {"fpr": fpr.tolist(), "tpr": tpr.tolist()},
        "pr_curve": {"precision": precision.tolist(), "recall": recall.tolist()},
        "calibration": [
            {
                "mean_predicted": float(score[edges == place].mean()),
                "observed": float(actual[edges == place].mean()),
                "count": int((edges == place).sum()),
            }
            for place in range(10)
            if (edges == place).any()
        ],
        "served_by": ["x8f2k1q9p0zz"] if version == 1 else [],
    }


def _feature(
    name: str, distance: float | None, bins: dict[str, tuple[float, float]]
) -> dict[str, Any]:
    return {
        "name": name,
        "type": "numeric" if name == "age" else "categorical",
        "distance": distance,
        "threshold": 0.2,
        "drifted": distance is None or distance > 0.2,
        "bins": [
            {"label": label, "baseline": baseline, "batch": batch}
            for label, (baseline, batch) in bins.items()
        ],
    }


def _drift() -> dict[str, Any]:
    ages = [f"{low:.1f} to {low + 7.8:.1f}" for low in np.arange(18, 96, 7.8)]
    old = (0.03, 0.06, 0.11, 0.14, 0.2, 0.21, 0.14, 0.07, 0.03, 0.01)
    new = (0.0, 0.01, 0.02, 0.05, 0.09, 0.17, 0.24, 0.22, 0.14, 0.06)
    birads = {"2": (0.02, 0.03), "3": (0.04, 0.05), "4": (0.57, 0.6), "5": (0.36, 0.32)}
    shape = {"1": (0.24, 0.2), "2": (0.22, 0.18), "3": (0.1, 0.09), "4": (0.41, 0.27)}
    margin = {"1": (0.38, 0.32), "2": (0.03, 0.03), "3": (0.12, 0.14), "4": (0.29, 0.34)}
    violations = [
        ("age", "baseline_drift_check", "Baseline drift distance: 0.412 exceeds threshold: 0.2"),
        ("shape", "categorical_values_check", "Value 7 is not in the baseline's domain"),
        ("density", "missing_column_check", "Column density is in the baseline, not in the batch"),
    ]
    return {
        "batch_uri": "s3://acme-prod-data/mammography/batches/2026-11-03/batch.csv",
        "model_version": 1,
        "execution_id": "d4r1f7",
        "violations": [
            {"feature_name": feature, "constraint_check_type": check, "description": description}
            for feature, check, description in violations
        ],
        "features": [
            _feature("birads", 0.038, {**birads, "55": (0.01, 0.0)}),
            _feature("age", 0.412, dict(zip(ages, zip(old, new, strict=True), strict=True))),
            _feature("shape", 0.231, {**shape, "7": (0.0, 0.23), "missing": (0.03, 0.03)}),
            _feature("margin", 0.061, {**margin, "5": (0.13, 0.12), "missing": (0.05, 0.05)}),
            _feature("density", None, {}),
        ],
    }


def _inbox() -> list[dict[str, str]]:
    drift = (
        "Batch  s3://acme-prod-data/mammography/batches/2026-11-03/batch.csv\n"
        "has drifted from the baseline of model version 1.\n\n"
        "  age      0.412  (threshold 0.200)\n"
        "  shape    0.231  (threshold 0.200)\n\n"
        "Inference stopped; a training with this batch starts by itself.\n"
    )
    failed = (
        "Pipeline acme-prod-mammography-inference failed at ResolveBatch.\n"
        "NoSuchBatch: the batch of 2026-11-05 was not delivered.\n\nNothing was started.\n"
    )
    return [
        {
            "at": "2026-11-03T06:00:21+00:00",
            "environment": "prod",
            "topic": "acme-prod-alerts",
            "subject": "[prod] Data drift in mammography: 3 of 5 features",
            "body": drift,
        },
        {
            "at": "2026-11-05T06:00:41+00:00",
            "environment": "prod",
            "topic": "acme-prod-alerts",
            "subject": "[prod] Inference of mammography failed",
            "body": failed,
        },
    ]


def _plans() -> list[dict[str, str]]:
    text = (
        "Plan for prod, account 222222222222\n"
        f"release {DIGEST}\n\n"
        "pipeline acme-prod-mammography-train\n"
        "  ~ step Evaluate\n"
        "      - threshold 0.80\n"
        "      + threshold 0.85\n"
        "  + parameter DriftedBatchUri (String)\n\n"
        "code\n"
        "  + s3://acme-prod-artifacts/code/9f2c41d0.tar.gz (14 kB)\n"
        "--- end ---\n"
    )
    return [
        {"environment": "dev", "title": "dev-no-pipelines", "text": "No changes.\n"},
        {"environment": "prod", "title": "prod", "text": text},
    ]


def _refusals() -> list[dict[str, str]]:
    return [
        {
            "who": "dev's administrator",
            "tried": "approve version 2",
            "environment": "registry",
            "arn": "arn:aws:iam::111111111111:user/admin",
            "action": "sagemaker:UpdateModelPackage",
            "resource": "arn:aws:sagemaker:eu-west-1:333333333333:model-package/mammography/2",
            "reason": "because no resource-based policy allows it",
        }
    ]


def _ledger() -> dict[str, Any]:
    approval = {
        "entry": 2,
        "at": "2026-11-02T05:02:00.000000Z",
        "kind": "approval",
        "environment": "registry",
        "actor": "arn:aws:sts::333333333333:assumed-role/model-approver-role/promote",
        "outcome": "Approved",
        "reason": "AUC above 0.85",
        "release_digest": DIGEST,
        "model_package_arn": "arn:aws:sagemaker:eu-west-1:333333333333:model-package/mammography/1",
        "digest": "ab" * 32,
        "pipeline": "",
    }
    run = {
        **approval, "entry": 1, "kind": "execution", "environment": "dev", "outcome": "Succeeded",
        "reason": "", "model_package_arn": "", "pipeline": "mammography-train",
    }  # fmt: skip
    return {
        "verdict": f"the ledger is whole: 2 entries, head 2:{'ab' * 32}",
        "entries": [approval, run],
    }


def empty_story() -> dict[str, Any]:
    """Return a story in which nothing happened."""
    lists = (
        "accounts", "stages", "timeline", "executions", "models", "drift", "inbox", "refusals",
        "plans",
    )  # fmt: skip
    return {**story(), **{name: [] for name in lists}, "predictions": {}, "ledger": {}}


# ------------------------------------------------------------------------------------- a parser


class Page(HTMLParser):
    """The page as elements, checked to be well-formed while it is read.

    Attributes:
        elements: Tag, attributes and the text directly and indirectly within.
        faults: What is wrong with the nesting.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.faults: list[str] = []
        self._open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{element[0]}> is never closed" for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> repeats an attribute")
        element: tuple[str, dict[str, str | None], list[str]] = (tag, dict(attrs), [])
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1][0] if self._open else 'nothing'}")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for _, _, text in self._open:
            text.append(data)

    def all(self, *tags: str) -> list[tuple[str, dict[str, str | None], str]]:
        return [
            (tag, attributes, " ".join("".join(text).split()))
            for tag, attributes, text in self.elements
            if tag in tags
        ]

    def texts(self, *tags: str) -> list[str]:
        return [text for _, _, text in self.all(*tags)]


@pytest.fixture(scope="module")
def html() -> str:
    return render(story())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


# ---------------------------------------------------------------------------------------- tests


def test_render__whole_story__is_well_formed(html: str, page: Page) -> None:
    assert html.startswith("<!DOCTYPE html>\n<html lang=")
    assert page.faults == []


def test_render__whole_story__has_its_sections_in_order(page: Page) -> None:
    assert page.texts("h1") == ["From a merge to a served model, and back by drift"]
    assert page.texts("h2") == [
        "Story",
        "Timeline",
        "Pipeline runs",
        "Model versions",
        "Data drift",
        "Predictions",
        "Inbox",
        "Who was refused",
        "Ledger",
        "Plans",
    ]


def test_render__headings__skip_no_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _, _ in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_render__header__tells_release_accounts_and_time(html: str, page: Page) -> None:
    header = page.texts("header")[0]
    assert DIGEST in header
    assert COMMIT in header
    assert "3 min 12 s" in header
    assert "Uncommitted" not in header
    for account in story()["accounts"]:
        assert account["account_id"] in header
        assert account["environment"] in header


def test_render__dirty_release__says_so() -> None:
    told = story()
    told["release"]["dirty"] = True
    assert "Uncommitted changes" in Page(render(told)).texts("header")[0]


def test_render__ids__are_unique_and_every_reference_resolves(html: str, page: Page) -> None:
    ids = [attributes["id"] for _, attributes, _ in page.all(*_tags(page)) if "id" in attributes]
    assert len(ids) == len(set(ids))
    asked = set(re.findall(r"url\(#([^)]*)\)", html))
    for _, attributes, _ in page.all(*_tags(page)):
        for name in ("aria-labelledby", "aria-describedby"):
            asked.update((attributes.get(name) or "").split())
        if (target := attributes.get("href") or "").startswith("#"):
            asked.add(target[1:])
    assert asked <= set(ids)


def test_render__every_table__has_caption_and_scoped_headings(html: str, page: Page) -> None:
    tables = re.findall(r"<table.*?</table>", html, re.S)
    assert len(tables) == len(page.all("table")) > 10
    assert all(table.count("<caption>") == 1 for table in tables)
    assert all("scope" in attributes for _, attributes, _ in page.all("th"))


def test_render__every_drawing__is_described_or_decorative(html: str) -> None:
    drawings = re.findall(r"<svg.*?</svg>", html, re.S)
    named = [drawing for drawing in drawings if 'aria-hidden="true"' not in drawing]
    assert len(named) == 2 * 7 + 1 + 3 + 4  # graphs, lanes, curves, distributions with bins
    for drawing in named:
        assert 'role="img"' in drawing
        assert re.search(r"<title id=\"[^\"]+\">[^<]+</title>", drawing)
        assert re.search(r"<desc id=\"[^\"]+\">[^<]+</desc>", drawing)


def test_render__whole_story__loads_nothing(html: str, page: Page) -> None:
    loading = {"src", "srcset", "poster", "data", "action", "background", "xlink:href", "ping"}
    for tag, attributes, _ in page.all(*_tags(page)):
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "image", "use"}
        assert not loading & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
        assert not re.search(r"https?://", " ".join(str(value) for value in attributes.values()))
    assert "@import" not in html
    assert not [target for target in re.findall(r"url\(([^)]*)\)", html) if target[0] != "#"]
    assert "default-src 'none'" in html


def test_render__twice__gives_the_same_page_and_leaves_the_story_alone(html: str) -> None:
    told = story()
    before = copy.deepcopy(told)
    assert render(told) == html
    assert told == before


def test_render__timeline__has_every_event_in_lanes_and_table(html: str, page: Page) -> None:
    lanes = re.search(r'<svg class="lanes".*?</svg>', html, re.S)
    assert lanes is not None
    numbers = [str(number) for number in range(1, len(story()["timeline"]) + 1)]
    assert re.findall(r'y="[\d.]+">(\d+)</text></g>', lanes.group()) == numbers
    rows = [text for _, attributes, text in page.all("tr") if attributes.get("class") == "day"]
    assert rows == ["Mon 2 Nov 2026", "Tue 3 Nov 2026", "Wed 4 Nov 2026", "Thu 5 Nov 2026"]


def test_render__execution__shows_every_step_with_status_and_reason(page: Page) -> None:
    run = _article(page, "execution-5")
    assert "acme-prod-mammography-inference" in run
    assert "DataDriftDetected (the definition's own stop): Batch drifted" in run
    assert "Steps executed6 of 10" in run
    graph = next(
        text for _, found, text in page.all("desc") if found["id"] == "execution-5-right-desc"
    )
    assert "Transform: not executed, after CreateModel, PrepareBatch." in graph
    assert "DataDriftDetected: failed, after EmitDrift." in graph


def test_render__execution_reason_that_no_step_tells__is_shown() -> None:
    told = story()
    told["executions"][0]["failure_reason"] = "Stopped by its owner"
    assert "Stopped by its owner" in _article(Page(render(told)), "execution-1")


def test_render__deep_pipeline__is_printed_downwards() -> None:
    told = story()
    assert 'class="graph right wide"' not in render(told)
    chain = {f"Step{n}": ("Processing", 1.0, [f"Step{n - 1}"] if n else []) for n in range(10)}
    told["executions"][0]["steps"] = _steps(chain, set(), {}, {})
    html = render(told)
    assert html.count('class="graph right wide"') == html.count('class="graph down wide"') == 1


def test_render__models__show_values_intervals_and_rates(page: Page) -> None:
    section = _section(page, "models")
    for model in story()["models"]:
        metric, counts = model["metrics"]["auc"], model["confusion_matrix"]
        assert f"{metric['value']:.3f} ({metric['low']:.3f}–{metric['high']:.3f})" in section  # noqa: RUF001
        hits, misses = counts["true_positive"], counts["false_negative"]
        assert f"Sensitivity{100 * hits / (hits + misses):.1f} %" in section
    assert "Chance: AUC 0.5" in section
    assert "lower is better" in section


def test_render__model_without_a_metric_of_another__shows_a_dash() -> None:
    told = story()
    del told["models"][0]["metrics"]["log_loss"]
    told["models"][1]["metrics"]["auc"].update(low=None, high=None)
    page = Page(render(told))
    assert page.faults == []
    cells = [text for _, attributes, text in page.all("td") if attributes.get("class") == "metric"]
    assert cells[2] == "—"
    assert cells[3] == f"{told['models'][1]['metrics']['auc']['value']:.3f}"


def test_render__links_a_version_to_the_run_it_served(page: Page) -> None:
    assert ("a", {"href": "#execution-4"}, "x8f2k1q9p0zz") in page.all("a")


def test_render__drift__puts_drifted_features_first_and_tells_what_was_not_measured(
    page: Page,
) -> None:
    section = _section(page, "drift")
    assert section.startswith("Data drift 3 of 5 features drifted")
    names = [text.split()[0] for text in page.texts("h4")]
    assert names == ["age", "shape", "density", "margin", "birads"]
    assert "not measured" in section
    assert "No distribution was recorded for this feature." in section
    assert "missing_column_check" in section


def test_render__mail__keeps_its_lines(html: str) -> None:
    body = story()["inbox"][0]["body"].strip("\n")
    assert f"<pre>{body}\n</pre>" in html


def test_render__refusal__tells_who_what_and_why(html: str) -> None:
    (table,) = re.findall(r'<table class="refusals">.*?</table>', html, re.S)
    (told,) = _refusals()
    shown = Page(table).texts("tr")[1]
    assert "user/admin" in shown
    expected = ("who", "tried", "environment", "action", "reason")
    assert [name for name in expected if told[name] not in shown] == []


def test_render__ledger__tells_entries_and_verdict(html: str, page: Page) -> None:
    (table,) = re.findall(r'<table class="entries">.*?</table>', html, re.S)
    approval, run = Page(table).texts("tr")[1:]
    assert "version 1" in approval
    assert "model-approver-role/promote" in approval
    assert "AUC above 0.85" in approval
    assert "mammography-train" in run
    assert f"the ledger is whole: 2 entries, head 2:{'ab' * 32}" in page.texts("section")[8]


def test_render__plan__marks_lines_by_what_they_do(html: str) -> None:
    diff = re.findall(r'<pre class="diff".*?</pre>', html, re.S)[1]
    assert re.findall(r'<span class="(?:added|removed|changed)">\s*(.*)\n', diff) == [
        "~ step Evaluate",
        "- threshold 0.80",
        "+ threshold 0.85",
        "+ parameter DriftedBatchUri (String)",
        "+ s3://acme-prod-artifacts/code/9f2c41d0.tar.gz (14 kB)",
    ]
    assert re.sub(r"<[^>]*>", "", diff) == story()["plans"][1]["text"]


EMPTY = [
    "No account is part of this story.",
    "No stage of the story was told.",
    "Nothing is on the timeline.",
    "No pipeline was run.",
    "No model version was registered.",
    "No batch was checked for drift.",
    "No predictions were made.",
    "No message was delivered.",
    "Nobody was refused.",
    "The ledger was not read.",
    "No plan was made.",
]


def test_render__empty_story__says_so_section_by_section() -> None:
    page = Page(render(empty_story()))
    assert page.faults == []
    told = [text for _, attributes, text in page.all("p") if attributes.get("class") == "empty"]
    assert told == EMPTY
    assert page.all("table") == []
    assert [attributes for _, attributes, _ in page.all("svg")] == [
        {
            "class": "defs",
            "width": "0",
            "height": "0",
            "aria-hidden": "true",
            "focusable": "false",
        }
    ]


def _no_curves(told: dict[str, Any]) -> None:
    for model in told["models"]:
        model["roc_curve"] = {"fpr": [], "tpr": []}
        model["pr_curve"] = {"precision": [], "recall": []}
        model["calibration"] = []
        model["metrics"] = {}
        model["confusion_matrix"] = dict.fromkeys(model["confusion_matrix"], 0)


def _no_steps(told: dict[str, Any]) -> None:
    told["executions"][0].update(steps=[], parameters={})


def _no_features(told: dict[str, Any]) -> None:
    told["drift"][0].update(features=[], violations=[])


def _no_sample(told: dict[str, Any]) -> None:
    told["predictions"]["sample"] = []


def _no_facts(told: dict[str, Any]) -> None:
    told["stages"] = [{"number": 1, "title": "Nothing", "seconds": 0.0, "facts": []}]


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        (
            _no_curves,
            [
                "No version has a ROC curve.",
                "No version has a precision-recall curve.",
                "No version has calibration bins.",
            ],
        ),
        (_no_steps, ["The definition of this run has no steps."]),
        (_no_steps, ["This run was given no parameters."]),
        (_no_features, ["No feature was measured in this batch.", "No constraint was violated."]),
        (_no_sample, ["No row of them was kept for this report."]),
        (_no_facts, ["Nothing was checked in this stage."]),
    ],
)
def test_render__empty_part__is_a_sentence(
    change: Callable[[dict[str, Any]], None], sentences: list[str]
) -> None:
    told = story()
    change(told)
    page = Page(render(told))
    assert page.faults == []
    assert set(sentences) <= set(page.texts("p"))


HOSTILE = (
    "</style></pre></svg><script>alert('x')</script><img src=http://x.test/ onerror=\"a\">&amp;"
)


def test_render__hostile_strings__are_text_everywhere() -> None:
    plain, hostile = Page(render(story())), Page(render(_poisoned(story())))
    assert hostile.faults == []
    assert _outline(hostile) <= _outline(plain)
    shown = hostile.texts("body")[0]
    assert shown.count(HOSTILE) > 100
    allowed = re.compile(r"--w:[\d.]+px|width:[\d.]+%|--part:\d+%")
    for _, attributes, _ in hostile.all(*_tags(hostile)):
        assert allowed.fullmatch(attributes.get("style") or "width:0%")
        assert (attributes.get("href") or "#").startswith("#")


def test_render__terminal_and_control_codes__are_dropped() -> None:
    told = story()
    told["plans"][1]["text"] = "\x1b[32m+ added\x1b[0m\r\n\x00\x9b plain\n"
    html = render(told)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", html)
    assert '<span class="added">+ added\n</span><span class="same"> plain\n</span>' in html


def test_render__incomplete_story__names_what_is_missing() -> None:
    told = story()
    del told["release"]["digest"]
    with pytest.raises(UndefinedError, match="digest"):
        render(told)


def test_render__style__gives_dark_phone_and_print_their_own_rules(html: str) -> None:
    assert "@media screen and (prefers-color-scheme: dark)" in html
    assert "@media (max-width: 640px)" in html
    assert "@media print" in html
    used = set(re.findall(r"var\((--[\w-]+)\)", html))
    defined = set(re.findall(r"(--[\w-]+):", html))
    assert used <= defined


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_render__colours_of_text__have_the_contrast_of_wcag_aa(html: str, ground: str) -> None:
    """Contrast of at least 4.5 to 1, https://www.w3.org/TR/WCAG22/#contrast-minimum."""
    palettes = [dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", part)) for part in _roots(html)]
    palette = palettes[0] if ground == "light" else {**palettes[0], **palettes[1]}
    pairs = [("--ink", "--card"), ("--ink", "--ground"), ("--ink", "--raised")]
    pairs += [("--soft", "--card"), ("--soft", "--ground"), ("--soft", "--raised")]
    pairs += [("--link", "--card"), ("--accent-soft", "--accent"), ("--accent-ink", "--accent")]
    pairs += [(f"--{tone}", f"--{tone}-ground") for tone in ("ok", "failed", "stopped")]
    pairs += [(f"--{tone}", f"--{tone}-ground") for tone in ("waiting", "info", "skipped")]
    low = {pair: _contrast(palette[pair[0]], palette[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}


def _roots(html: str) -> list[str]:
    return re.findall(r":root \{(.*?)\}", html, re.S)


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _tags(page: Page) -> set[str]:
    return {tag for tag, _, _ in page.elements}


def _outline(page: Page) -> set[tuple[str, tuple[str, ...]]]:
    return {(tag, tuple(sorted(attributes))) for tag, attributes, _ in page.elements}


def _article(page: Page, identity: str) -> str:
    return next(text for _, found, text in page.all("article") if found.get("id") == identity)


def _section(page: Page, identity: str) -> str:
    return next(text for _, found, text in page.all("section") if found.get("id") == identity)


def _poisoned(value: Any) -> Any:
    """Return the story with hostile text in every string and in every name that is data."""
    if isinstance(value, dict):
        return {name: _poisoned(found) for name, found in value.items()} | {
            name + HOSTILE: _poisoned(found)
            for name, found in value.items()
            if name in ("InstanceType", "score", "auc")
        }
    if isinstance(value, list):
        return [_poisoned(found) for found in value]
    return value + HOSTILE if isinstance(value, str) else value
