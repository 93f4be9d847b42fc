"""A version on one screen, two versions side by side, and what each environment serves.

Pure: lines and tables of text; `promotion.cli.ui` writes them.
"""

from collections.abc import Iterable, Mapping, Sequence

from promotion.aws.serving import Answer
from promotion.handlers.resolve_model import RULE
from promotion.registry.checks import CheckResult
from promotion.registry.checks.facts import Comparison, Interval
from promotion.registry.examine import Examination

CHECK_COLUMNS = ("check", "outcome", "what was found")
METRIC_COLUMNS = ("metric", "this version", "in service", "difference, paired")
SERVING_COLUMNS = ("environment", "serves", "why")

_STYLES = {"passed": "green", "refused": "bold red", "overridden": "yellow"}


def style_of(results: Iterable[CheckResult]) -> str:
    """Return the style of the checks' summary."""
    outcomes = {result.outcome for result in results}
    worst = next((each for each in ("refused", "overridden") if each in outcomes), "passed")
    return _STYLES[worst]


def check_rows(results: Sequence[CheckResult]) -> list[list[str]]:
    """Return a row for each check."""
    return [[result.check, result.outcome, result.message + _reason(result)] for result in results]


def checks_summary(results: Sequence[CheckResult]) -> str:
    """Return the checks in one line."""
    counts = {
        word: sum(result.outcome == word for result in results)
        for word in ("passed", "overridden", "refused")
    }
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return f"{len(results)} checks: {told}"


def heading(found: Examination) -> list[tuple[str, str]]:
    """Return what a version is and where it comes from, as names and values."""
    package, version, training = found.package, found.version, found.facts.training
    facts, files = package.metadata, package.files
    state = "in service" if version == found.serving else version.status
    stage = f", stage {package.life_cycle.stage}" if package.life_cycle.stage else ""
    account = training.execution_arn.split(":")[4] if training and training.execution_arn else ""
    drifted = f", after {version.drifted_batch_uri}" if version.drifted_batch_uri else ""
    artifact = found.facts.artifact
    values = [
        ("version", f"{found.use_case} {version.version}, {state}{stage}"),
        ("arn", version.arn),
        ("reason", version.reason),
        ("in service", f"version {found.serving.version}" if found.serving else "none"),
        ("registered", f"{version.created_at:%F %H:%M} UTC{drifted}"),
        ("trained by", training.started_by if training else "not in the ledger (yet)"),
        ("trained in", " ".join(filter(None, (version.environment, account)))),
        ("run", (training and training.execution_arn) or facts.get("pipeline_execution_id", "")),
        ("commit", version.git_commit),
        ("release", version.release_digest),
        ("dataset", _dataset(facts)),
        *(
            ("", f"{uri} {f'version {number}' if number else 'without version'}")
            for uri, number in (training.datasets if training else ())
        ),
        ("artifact", artifact.uri or "none is recorded"),
        ("digest", artifact.sha256 or artifact.etag or "unknown"),
        ("baseline", files.statistics_uri or "none is recorded"),
        ("", files.constraints_uri),
    ]
    return [(name, value) for name, value in values if value]


def lines(values: Iterable[tuple[str, str]]) -> list[str]:
    """Return names and values as lines."""
    return [f"{name:<11} {value}" for name, value in values]


def metric_rows(found: Examination) -> list[list[str]]:
    """Return a row for each metric: this version, the one in service, and their difference."""
    serving = found.facts.serving_arn
    compared = found.facts.comparison
    fits = bool(compared and serving and compared.champion_arn == serving)
    return _rows(found.facts.metrics or {}, compared if fits else None)


def examination_document(found: Examination) -> dict[str, object]:
    """Return a version as what `json.dumps` takes."""
    facts, training = found.facts, found.facts.training
    return {
        "use_case": found.use_case,
        "version": found.version.version,
        "arn": found.version.arn,
        "status": found.version.status,
        "stage": found.package.life_cycle.stage,
        "reason": found.version.reason,
        "in_service": found.serving.version if found.serving else None,
        "created_at": found.version.created_at.isoformat(),
        "environment": found.version.environment,
        "git_commit": found.version.git_commit,
        "release_digest": found.version.release_digest,
        "dataset_sha256": found.package.metadata.get("dataset_sha256", ""),
        "datasets": [
            {"uri": uri, "version_id": number}
            for uri, number in (training.datasets if training else ())
        ],
        "trained_by": training.started_by if training else None,
        "execution_arn": training.execution_arn if training else None,
        "artifact": vars(facts.artifact),
        "baseline": {part: uri for part, (uri, _) in facts.baseline.items()},
        "metrics": _intervals(facts.metrics or {}),
        "comparison": _comparison(facts.comparison),
        "checks": [{**vars(each), "outcome": each.outcome} for each in found.results],
    }


def side_by_side(first: Examination, second: Examination) -> list[list[str]]:
    """Return a row for each value and each metric of two versions."""
    mine, theirs = dict(heading(first)), dict(heading(second))
    names = [name for name in dict.fromkeys((*mine, *theirs)) if name]
    rows = [[name, mine.get(name, "-"), theirs.get(name, "-")] for name in names]
    one, other = first.facts.metrics or {}, second.facts.metrics or {}
    rows += [
        [name, str(one.get(name, "-")), str(other.get(name, "-"))]
        for name in dict.fromkeys((*one, *other))
    ]
    checked = {each.check: each.outcome for each in second.results}
    return rows + [[each.check, each.outcome, checked[each.check]] for each in first.results]


def paired_note(first: Examination, second: Examination) -> str:
    """Return what a paired comparison of two versions says, or that there is none."""
    for one, other in ((first, second), (second, first)):
        compared = one.facts.comparison
        if compared and compared.champion_arn == other.version.arn:
            told = ", ".join(f"{name} {_signed(d)}" for name, d in compared.difference.items())
            return (
                f"version {one.version.version} minus version {other.version.version} on the same "
                f"{compared.rows} rows: {told}"
            )
    return (
        "the two were not scored on the same rows: their intervals are of different test rows, "
        "and do not tell which is better"
    )


def serving_rows(environments: Sequence[str], answer: Answer) -> list[list[str]]:
    """Return a row for each environment; all of them ask the same registry by the same rule."""
    version = f"version {answer.version}" if answer.version else f"none: {answer.failure}"
    return [[name, version, answer.reason or RULE] for name in environments]


def _rows(metrics: Mapping[str, Interval], compared: Comparison | None) -> list[list[str]]:
    champion = compared.champion if compared else {}
    difference = compared.difference if compared else {}
    return [
        [
            name,
            str(interval),
            str(champion.get(name, "-")),
            _signed(difference[name]) if name in difference else "-",
        ]
        for name, interval in metrics.items()
    ]


def _signed(found: Interval) -> str:
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def _dataset(facts: Mapping[str, str]) -> str:
    if not facts.get("dataset_sha256"):
        return ""
    return f"{facts.get('dataset_rows', '?')} rows, SHA-256 {facts['dataset_sha256']}"


def _reason(result: CheckResult) -> str:
    return f"; overridden: {result.overridden}" if result.overridden else ""


def _intervals(found: Mapping[str, Interval]) -> dict[str, object]:
    return {name: vars(interval) for name, interval in found.items()}


def _comparison(found: Comparison | None) -> dict[str, object] | None:
    if found is None:
        return None
    parts = ("candidate", "champion", "difference")
    return {**vars(found), **{part: _intervals(getattr(found, part)) for part in parts}}
