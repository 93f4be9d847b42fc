"""Makes a plan: reads the account, runs `terraform plan`, compares, and asks the gates.

Reads environment files, release archives, git's commits, the account (see
`promotion.plan.remote`) and Terraform's state, under the plan role, and what is known of the
releases elsewhere (see `promotion.releases.records`); writes `build/terraform/<environment>/`,
`build/handlers/` and, for a published release, `build/releases/`. Mutates nothing in the accounts.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from promotion.aws.fanout import fan_out
from promotion.aws.objects import Objects
from promotion.aws.pipelines import Pipelines
from promotion.aws.session import Accounts, AccountSession
from promotion.build import package_handlers, resolve
from promotion.build.archive import FUNCTIONS
from promotion.build.release import CodeObject, Release, ResolvedRelease
from promotion.config import (
    Environment,
    WorkloadEnvironment,
    check_consistency,
    load_environment,
    load_environments,
)
from promotion.errors import ConfigError
from promotion.plan import archive
from promotion.plan.compare import compare_release
from promotion.plan.destroy import check_runs_pipelines, deletions, owned_pipelines, releases_of
from promotion.plan.gates import Facts, check_gates
from promotion.plan.lookups import AccountLookups
from promotion.plan.model import DESTROY, CodeUpload, GateResult, Plan, ReleaseReference
from promotion.plan.overrides import override_refusals
from promotion.plan.remote import read_code, read_remote
from promotion.plan.selection import Selected, select_releases
from promotion.releases.records import ReleaseRecords
from promotion.terraform.root import TerraformRoot, terraform_root
from promotion.terraform.runner import TerraformRunner
from promotion.terraform.state import read_state_version
from promotion.terraform.summary import TerraformSummary, summarize

TerraformFactory = Callable[[TerraformRoot, AccountSession], TerraformRunner]


@dataclass(frozen=True)
class PlanRequest:
    """What to plan.

    Attributes:
        root: top folder of the project.
        environment: name of the environment.
        releases: paths or digests of releases; empty takes those in `build/releases/`.
        use_cases: use cases to plan; empty takes all of the environment.
        with_pipelines: whether pipelines are planned.
        with_terraform: whether Terraform is planned.
        overrides: reason of each override by gate (see `promotion.plan.overrides`).
        purpose: apply, rollback or destroy; the last deletes the pipelines of its one use case.
        reason: why, for a rollback or a destruction.
        built: releases that were built just now, by their archives, which need not be read.
    """

    root: Path
    environment: str
    releases: tuple[str, ...] = ()
    use_cases: tuple[str, ...] = ()
    with_pipelines: bool = True
    with_terraform: bool = True
    overrides: Mapping[str, str] = field(default_factory=dict)
    purpose: str = "apply"
    reason: str = ""
    built: Mapping[Path, Release] = field(default_factory=dict)

    @property
    def destroys(self) -> bool:
        """Whether pipelines are deleted instead of written."""
        return self.purpose == DESTROY


@dataclass(frozen=True)
class Prepared:
    """A plan and the other members of its plan file."""

    plan: Plan
    parts: dict[str, bytes]

    def write(self, path: Path) -> str:
        """Write the plan file and return its digest."""
        return archive.write_plan(path, self.plan, self.parts)


def prepare_plan(
    request: PlanRequest,
    *,
    accounts: Accounts,
    make_terraform: TerraformFactory,
    say: Callable[[str], None],
) -> Prepared:
    """Make a plan.

    Args:
        request: what to plan.
        accounts: opens the session in the environment's account.
        make_terraform: makes the Terraform runner of a root.
        say: writes one line of progress.

    Raises:
        ConfigError: an environment file, a release or an option is wrong.
        BuildError: a release cannot be read or resolved.
        RemoteError: AWS or Terraform fails.
    """
    environment = load_environment(request.root, request.environment)
    records = ReleaseRecords(request.root, accounts)
    selected = _selected(request, environment, records)
    resolved = _resolved(environment, selected)
    references = tuple(_reference(item.release) for item in selected)
    paths = [item.path for item in selected]
    functions = {item.release.digests[FUNCTIONS] for item in selected}
    del selected  # parsed, a fleet's releases take ten times their size
    session = accounts.open(environment, environment.plan_role_arn)
    say(f"{environment.environment}: account {session.account_id} as {session.caller_arn}")
    terraform: TerraformSummary | None = None
    parts: dict[str, bytes] = {}
    if request.with_terraform:
        package = _package(request, environment, functions)
        terraform, parts = _plan_terraform(request, environment, session, make_terraform, package)
    if request.destroys:
        plan = _deletions(request, environment, session)
    else:
        plan = replace(_compare(request, environment, session, resolved), releases=references)
    plan = replace(plan, terraform=terraform)
    archives = {each.digest: path for each, path in zip(references, paths, strict=True)}
    writing = [archives[digest] for digest in _written(plan, resolved)]
    lookups = AccountLookups(session, request.root, archives, records)
    results = _gates(request, environment, plan, lookups)
    # Not the session, which is always the plan role's: whoever took that role answers for it.
    asked_by = accounts.caller(environment.region).arn
    plan = replace(plan, gates=override_refusals(results, request.overrides, asked_by))
    parts |= {f"{archive.RELEASES}{path.name}": path.read_bytes() for path in writing}
    return Prepared(plan, parts)


def file_digest(root: Path, environment: str) -> str:
    """Return the SHA-256 of an environment's file."""
    path = root / "environments" / f"{environment}.tfvars.json"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _selected(
    request: PlanRequest, environment: Environment, records: ReleaseRecords
) -> tuple[Selected, ...]:
    if request.destroys:
        check_runs_pipelines(environment)
        return ()
    if not request.with_pipelines:
        return ()
    return select_releases(
        request.root,
        environment,
        request.releases,
        request.use_cases,
        open_store=lambda: records.store,
        built=request.built,
    )


def _resolved(
    environment: Environment, selected: Iterable[Selected]
) -> tuple[ResolvedRelease, ...]:
    if not isinstance(environment, WorkloadEnvironment):
        return ()
    return tuple(resolve(item.release, environment) for item in selected)


def _reference(release: Release) -> ReleaseReference:
    return ReleaseReference(release.use_case, release.digest, release.git_commit, release.dirty)


def _package(
    request: PlanRequest, environment: Environment, functions: AbstractSet[str]
) -> Path | None:
    """Return the Lambda package that Terraform plans; None for an account without functions.

    All use cases of an account share its functions, and Terraform describes what these need. So
    that neither goes back to an earlier state unseen, the releases have to carry the functions of
    the source that Terraform is planned from.

    Args:
        request: what to plan.
        environment: the environment.
        functions: SHA-256 of the packages that the releases carry.

    Raises:
        ConfigError: a release carries other functions.
    """
    if not environment.has_functions:
        return None
    package = package_handlers(request.root, request.root / "build" / "handlers")
    if functions - {hashlib.sha256(package.read_bytes()).hexdigest()}:
        raise ConfigError(
            "the releases carry other Lambda functions than promotion/handlers here, so that they "
            "cannot be planned together with this Terraform",
            hint="build them again with promote build, check out the commit that they were built "
            "from, or plan their pipelines alone with --no-terraform",
        )
    return package


def _plan_terraform(
    request: PlanRequest,
    environment: Environment,
    session: AccountSession,
    make_terraform: TerraformFactory,
    package: Path | None,
) -> tuple[TerraformSummary, dict[str, bytes]]:
    root = terraform_root(request.root, environment)
    parts = {f"{archive.HANDLERS}{package.name}": package.read_bytes()} if package else {}
    terraform = make_terraform(root, session)
    terraform.init()
    # Before the plan: a state that changes meanwhile makes the plan stale, never the other way.
    version = read_state_version(Objects(session.s3, session.account_id), root)
    has_changes = terraform.plan(package)
    with ThreadPoolExecutor(2) as pool:  # each takes seconds, nearly all to start the provider
        shown = pool.submit(terraform.show, root.plan_path)
        text = pool.submit(terraform.show_text, root.plan_path)
    document = shown.result()
    parts[archive.TERRAFORM_PLAN] = root.plan_path.read_bytes()
    parts[archive.TERRAFORM_JSON] = json.dumps(document, sort_keys=True).encode("utf-8")
    parts[archive.TERRAFORM_TEXT] = text.result().encode("utf-8")
    return replace(summarize(document, has_changes=has_changes), state=version), parts


def _compare(
    request: PlanRequest,
    environment: Environment,
    session: AccountSession,
    resolved: tuple[ResolvedRelease, ...],
) -> Plan:
    empty = _empty(request, environment, session)
    if not request.with_pipelines or not isinstance(environment, WorkloadEnvironment):
        return empty
    objects = Objects(session.s3, session.account_id)
    with ThreadPoolExecutor(1) as pool:  # what S3 has, while SageMaker is asked
        code = pool.submit(
            _uploads, objects, [item for release in resolved for item in release.code_objects]
        )
        remote = read_remote(
            Pipelines(session.sagemaker, session.account_id),
            wanted=[pipeline.name for release in resolved for pipeline in release.pipelines],
            named=[
                name for case in environment.use_cases.values() for name in case.pipelines.values()
            ],
        )
    changes = [
        change
        for release in resolved
        for change in compare_release(
            release, remote.pipelines, read_before=lambda uri: read_code(objects, uri)
        )
    ]
    return replace(
        empty,
        pipelines=tuple(sorted(changes, key=lambda change: change.name)),
        code=code.result(),
        strays=remote.strays,
    )


def _written(plan: Plan, resolved: Iterable[ResolvedRelease]) -> Iterable[str]:
    """Return the digests of the releases of which an apply needs a pipeline or a code object."""
    promoted = {release.digest for release in plan.promoted}
    missing = {(upload.bucket, upload.key) for upload in plan.code if not upload.present}
    for release in resolved:
        wanted = {(item.bucket, item.key) for item in release.code_objects}
        if release.digest in promoted or wanted & missing:
            yield release.digest


def _empty(request: PlanRequest, environment: Environment, session: AccountSession) -> Plan:
    return Plan(
        environment=environment.environment,
        account_id=session.account_id,
        region=session.region,
        environment_sha256=file_digest(request.root, environment.environment),
        purpose=request.purpose,
        reason=request.reason,
    )


def _deletions(request: PlanRequest, environment: Environment, session: AccountSession) -> Plan:
    [use_case] = request.use_cases
    gateway = Pipelines(session.sagemaker, session.account_id)
    workload = check_runs_pipelines(environment)
    owned = owned_pipelines(gateway, use_case, workload)
    return replace(
        _empty(request, environment, session),
        releases=releases_of(use_case, owned),
        pipelines=deletions(use_case, owned, workload),
    )


def _uploads(objects: Objects, code: Iterable[CodeObject]) -> tuple[CodeUpload, ...]:
    distinct = {(item.bucket, item.key): item for item in code}
    return tuple(fan_out(lambda place: _upload(objects, distinct[place]), sorted(distinct)))


def _upload(objects: Objects, item: CodeObject) -> CodeUpload:
    return CodeUpload(
        bucket=item.bucket,
        key=item.key,
        sha256=item.sha256,
        size_bytes=item.size_bytes,
        present=objects.sha256(item.bucket, item.key) == item.sha256,
    )


def _gates(
    request: PlanRequest, environment: Environment, plan: Plan, lookups: AccountLookups
) -> tuple[GateResult, ...]:
    groups: dict[str, str] = {}
    if isinstance(environment, WorkloadEnvironment):
        groups = {
            release.use_case: environment.model_package_group_arn(release.use_case)
            for release in plan.promoted
        }
    return check_gates(
        Facts(
            environment=environment,
            account_id=lookups.session.account_id,
            inconsistencies=tuple(check_consistency(load_environments(request.root))),
            releases=plan.promoted,
            pipelines=plan.pipelines,
            groups=groups,
            terraform=plan.terraform,
            lookups=lookups,
        )
    )
