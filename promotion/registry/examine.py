"""Examines a version as an approver does: collects the facts, and runs the checks on them.

Calls what `promotion.registry.versions` and `promotion.registry.collect` call. Mutates nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from promotion.aws.model_packages import ModelPackage
from promotion.errors import ConfigError
from promotion.registry.checks import CheckResult, Facts, check_names, run_checks
from promotion.registry.collect import collect_facts
from promotion.registry.versions import ModelVersion, Registry, in_service


@dataclass(frozen=True)
class Examination:
    """A version and what is known of it.

    Attributes:
        use_case: its use case.
        version: the version.
        serving: version in service; None without one.
        package: the version as SageMaker has it.
        facts: what the checks looked at.
        results: what they say.
    """

    use_case: str
    version: ModelVersion
    serving: ModelVersion | None
    package: ModelPackage
    facts: Facts
    results: tuple[CheckResult, ...]


def examine(registry: Registry, use_case: str, number: int) -> Examination:
    """Return what is known of a version, and what the checks say of it.

    Raises:
        ConfigError: the registry has no such use case.
        RemoteError: there is no such version, or AWS fails.
    """
    demands = registry.demands(use_case)
    version, versions = registry.find(use_case, number)
    serving = in_service(versions)
    package = registry.packages.describe(version.arn)
    facts = collect_facts(
        package,
        registry.sources(),
        use_case=use_case,
        demands=demands,
        deciders=(registry.person_arn, registry.caller_arn),
        serving_arn=serving.arn if serving else "",
    )
    return Examination(use_case, version, serving, package, facts, run_checks(facts))


def parse_overrides(words: Iterable[str]) -> Mapping[str, str]:
    """Return the reason of each override by check.

    Args:
        words: what was given with `--override`, each `CHECK=REASON`.

    Raises:
        ConfigError: a check is unknown or stands twice, or a reason is missing; lists all problems.
    """
    overrides: dict[str, str] = {}
    problems = []
    for word in words:
        name, _, text = word.partition("=")
        name, reason = name.strip(), " ".join(text.split())
        if problem := _problem(name, reason, overrides):
            problems.append(f"{name or 'no name'}: {problem}")
        else:
            overrides[name] = reason
    if problems:
        raise ConfigError(
            "an override is not valid; give --override CHECK=REASON",
            problems=problems,
            hint=f"there are the checks {', '.join(check_names())}",
        )
    return overrides


def _problem(name: str, reason: str, known: Mapping[str, str]) -> str:
    if name not in check_names():
        return "there is no such check"
    if not reason:
        return "the reason is missing"
    if not reason.isprintable() or ";" in reason:
        # Overrides stand in one line of the version's life cycle, with semicolons between them.
        return "the reason has a semicolon, or characters that do not print"
    return "is given twice" if name in known else ""
