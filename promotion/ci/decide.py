"""Which stages of the Jenkinsfile a build runs. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from promotion.ci.changes import Changes
from promotion.ci.request import PROMOTE, BuildRequest
from promotion.config import Environment, WorkloadEnvironment
from promotion.errors import ConfigError

DEV, PROD = "dev", "prod"


@dataclass(frozen=True)
class Decision:
    """What a build does; the Jenkinsfile's stages ask for these flags and nothing else.

    Attributes:
        why: in a sentence, for people.
        use_cases: what is promoted or planned, sorted, by environment; one that is not there is
            left alone, and one without any has Terraform only.
        checks: whether lint and tests run.
        builds: whether releases are built.
        reviews: whether plans are made to be read, under the plan role, and never applied.
        shared: whether Terraform of the tooling and the registry account is planned.
        dev: whether dev is promoted to.
        prod: whether prod is promoted to, once a person has approved.
        moves: whether a use case is rolled back or destroyed.
        applies: whether a move is applied, once a person has approved.
        nightly: whether accounts are compared with the repository.
        partial: whether a success brings less than this commit to every account, so that the next
            build must not take this one for what it is compared with.
    """

    why: str
    use_cases: Mapping[str, tuple[str, ...]]
    checks: bool = False
    builds: bool = False
    reviews: bool = False
    shared: bool = False
    dev: bool = False
    prod: bool = False
    moves: bool = False
    applies: bool = False
    nightly: bool = False
    partial: bool = False

    def document(self) -> dict[str, Any]:
        """Return the decision as what `json.dumps` takes."""
        return asdict(self)


def decide(
    request: BuildRequest, changes: Changes, environments: Mapping[str, Environment]
) -> Decision:
    """Return what a build does.

    Args:
        request: what it was asked to do.
        changes: what has changed since what it is compared with.
        environments: every environment of the project, by name.

    Raises:
        ConfigError: a parameter names what the project does not have.
    """
    _check(request, environments)
    if request.is_nightly:
        return Decision("the nightly look for differences", {}, nightly=True)
    if request.action != PROMOTE:
        chosen = {request.environment: request.use_cases}
        why = f"{request.action} of {request.use_cases[0]} in {request.environment}"
        applies = not request.dry_run
        return Decision(why, chosen, moves=True, applies=applies, partial=True)
    return _promotion(request, changes, environments)


def _promotion(
    request: BuildRequest, changes: Changes, environments: Mapping[str, Environment]
) -> Decision:
    chosen = {
        name: _of(request, changes, environment)
        for name, environment in environments.items()
        if isinstance(environment, WorkloadEnvironment)
    }
    # To `promote plan`, no names are all names: what a person did not choose is left out here.
    whole = changes.everything and not request.use_cases
    chosen = {name: names for name, names in chosen.items() if names or whole}
    asked = request.use_cases or request.release or request.environment or request.dry_run
    if not (changes or asked):
        return Decision("nothing that is promoted has changed", {}, checks=True)
    narrowed = request.use_cases or request.release or request.dry_run
    partial = request.is_main and bool(narrowed or request.environment == DEV)
    builds = not request.release
    # A published release is not of this commit, whose Terraform waits for a build of its own.
    shared = changes.everything and builds
    if not request.is_main or request.dry_run:
        return Decision(
            "plans to be read, nothing is applied",
            chosen, checks=not request.is_main or builds, builds=builds, reviews=bool(chosen),
            shared=shared, partial=partial,
        )  # fmt: skip
    to_prod = request.environment in {"", PROD}
    # A release that has been through dev already goes where it was sent, and nowhere else.
    to_dev = request.environment in {"", DEV} or builds
    return Decision(
        "a promotion", chosen, checks=builds, builds=builds, shared=shared,
        dev=to_dev and DEV in chosen, prod=to_prod and PROD in chosen,
        partial=partial,
    )  # fmt: skip


def _of(
    request: BuildRequest, changes: Changes, environment: WorkloadEnvironment
) -> tuple[str, ...]:
    """Return which use cases of an environment a build is about."""
    known = sorted(environment.use_cases)
    if request.use_cases:
        return tuple(name for name in known if name in request.use_cases)
    whole = changes.everything or not changes
    return tuple(name for name in known if whole or name in changes.use_cases)


def _check(request: BuildRequest, environments: Mapping[str, Environment]) -> None:
    workloads = {
        name: environment
        for name, environment in environments.items()
        if isinstance(environment, WorkloadEnvironment)
    }
    problems = []
    prod = workloads.get(PROD)
    if request.prod_account and (prod is None or request.prod_account != prod.account_id):
        told = prod.account_id if prod else "missing"
        problems.append(f"prodAccount: {request.prod_account} is not prod, whose account is {told}")
    if request.environment and request.environment not in workloads:
        problems.append(
            f"targetEnvironment: {request.environment} is none of {', '.join(workloads)}"
        )
    elif request.action == PROMOTE and request.environment not in {"", DEV, PROD}:
        problems.append(f"targetEnvironment: promotions go to {DEV}, or through it to {PROD}")
    elif request.use_cases:
        within = [workloads[request.environment]] if request.environment else workloads.values()
        known = {name for environment in within for name in environment.use_cases}
        # What is destroyed may be gone from the environment's file already.
        unknown = sorted(set(request.use_cases) - known) if request.action != "destroy" else []
        problems += [f"useCases: there is no use case {name}" for name in unknown]
    if problems:
        raise ConfigError(
            "the build's parameters do not fit this project",
            problems=problems,
            hint="environments/*.tfvars.json say what there is; nothing was done",
        )
