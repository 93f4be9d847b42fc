"""Examines environments. Calls what the checks call, and mutates what their probes mutate."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from promotion.aws.session import Accounts
from promotion.config import Environment, load_environment, load_environments
from promotion.doctor.checks import Checked, check_names, examine
from promotion.doctor.examination import Examination, Probes
from promotion.errors import ConfigError


def choose_checks(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the checks to do; all without any.

    Raises:
        ConfigError: there is no such check.
    """
    known = check_names()
    if unknown := [name for name in dict.fromkeys(names) if name not in known]:
        raise ConfigError(
            f"there is no check {', '.join(unknown)} (there are {', '.join(known)})",
            hint="promote doctor --list tells what each one looks for",
        )
    return tuple(name for name in known if name in names) if names else known


def choose_environments(root: Path, names: Sequence[str]) -> dict[str, Environment]:
    """Return the environments to examine; all without any name.

    Raises:
        ConfigError: there is no such environment, or a file is wrong.
    """
    if names:
        return {name: load_environment(root, name) for name in dict.fromkeys(names)}
    return load_environments(root)


def examine_environment(
    root: Path, environment: Environment, checks: Sequence[str], accounts: Accounts, probes: Probes
) -> Iterator[Checked]:
    """Yield what the checks say of one environment.

    Args:
        root: top folder of the project.
        environment: the environment.
        checks: names of the checks.
        accounts: opens sessions.
        probes: what may be tried.

    Raises:
        ConfigError: the file of another environment is wrong: checks compare them.
    """
    examination = Examination(environment, load_environments(root), accounts, probes=probes)
    return examine(examination, checks)
