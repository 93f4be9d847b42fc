"""Applies a plan file.

Reads the plan file, the account and what is known of the releases; writes
`build/terraform/<environment>/` and `build/handlers/`. Mutates the account through the executor,
and not at all when the plan has nothing to do.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from promotion.apply.checks import (
    check_account,
    check_environment,
    check_idle,
    check_pipelines,
    read_current,
)
from promotion.apply.executor import AccountExecutor, Executor, SavedTerraform
from promotion.apply.perform import perform
from promotion.apply.releases import Packed, check_releases, packed_releases
from promotion.apply.terraform_note import TerraformNote
from promotion.aws.executions import Executions
from promotion.aws.fanout import fan_out
from promotion.aws.objects import Objects
from promotion.aws.pipelines import Pipelines
from promotion.aws.session import Accounts, AccountSession
from promotion.config import Environment, load_environment
from promotion.errors import StalePlan
from promotion.plan import archive
from promotion.plan.actions import (
    ApplyTerraform,
    PipelineAction,
    PlannedAction,
    UploadCode,
    actions_of,
)
from promotion.plan.archive import PlanFile
from promotion.plan.stage import TerraformFactory
from promotion.releases.records import ReleaseRecords
from promotion.terraform.root import TerraformRoot, terraform_root


@dataclass(frozen=True)
class Ready:
    """A plan that has passed all refusals.

    Attributes:
        actions: what is left to do, in order; empty when there is nothing.
        executor: carries them out in the account.
        environment: the environment as its file has it.
        session: session in its account, under the deploy role.
        actor: ARN of whoever applies: who took that role, not the role.
    """

    actions: tuple[PlannedAction, ...]
    executor: Executor
    environment: Environment
    session: AccountSession
    actor: str


def make_ready(
    file: PlanFile, root: Path, *, accounts: Accounts, make_terraform: TerraformFactory
) -> Ready:
    """Check that a plan may be applied, and return what is left to do. Mutates nothing.

    Args:
        file: the verified plan file.
        root: top folder of the project.
        accounts: opens the session in the plan's account.
        make_terraform: makes the Terraform runner of a root.

    Raises:
        GateRefused: the plan was refused when it was made, an override in it does not hold, or
            its releases are not proved (any more).
        StalePlan: account, environment file, Terraform state or pipelines are not what they were.
        RemoteError: AWS fails, or Terraform is needed and missing.
    """
    plan = file.plan
    environment = load_environment(root, plan.environment)
    check_environment(plan, root, environment)
    packed = packed_releases(file)
    session = accounts.open(environment, environment.deploy_role_arn)
    check_account(plan, session.account_id)
    check_releases(plan, environment, packed, ReleaseRecords(root, accounts))
    pipelines = Pipelines(session.sagemaker, session.account_id)
    done = check_pipelines(plan, read_current(plan, pipelines))
    check_idle(plan, done, Executions(session.sagemaker, session.account_id))
    objects = Objects(session.s3, session.account_id)
    terraform = _terraform(file, root, environment, session, make_terraform)
    actions = _left(actions_of(plan), done, objects)
    if terraform and terraform.note.done(plan):
        actions = tuple(each for each in actions if not isinstance(each, ApplyTerraform))
    if terraform and any(isinstance(action, ApplyTerraform) for action in actions):
        terraform.runner.check()  # uploads come first; they must not happen in vain
    executor = AccountExecutor(pipelines, objects, _code(packed), terraform)
    return Ready(actions, executor, environment, session, accounts.caller(session.region).arn)


def apply_plan(ready: Ready, executor: Executor, *, say: Callable[[str], None]) -> int:
    """Carry out what is left of a plan and return the number of actions. Mutates the account.

    Args:
        ready: the checked plan.
        executor: `ready.executor`, or one that only tells.
        say: writes one line of progress.

    Raises:
        ApplyFailed: an action failed; says what state everything is in.
    """
    return perform(ready.actions, executor, say=say)


def check_digest(file: PlanFile, expected: str | None) -> None:
    """Refuse another plan file than the one that was reviewed.

    Raises:
        StalePlan: the digest is another one.
    """
    if expected and not file.digest.startswith(expected.lower()):
        raise StalePlan(
            f"{file.path} is not the plan that was reviewed: its digest is {file.digest}, "
            f"not {expected}",
            hint="nothing was applied; find the reviewed file, or review this one",
        )


def _left(
    actions: Sequence[PlannedAction], done: frozenset[str], objects: Objects
) -> tuple[PlannedAction, ...]:
    """Return the actions that an earlier apply of the same plan has not done already."""
    uploads = [action.upload for action in actions if isinstance(action, UploadCode)]
    digests = fan_out(lambda upload: objects.sha256(upload.bucket, upload.key), uploads)
    there = {
        upload for upload, digest in zip(uploads, digests, strict=True) if digest == upload.sha256
    }
    return tuple(
        action
        for action in actions
        if not (isinstance(action, PipelineAction) and action.change.name in done)
        and not (isinstance(action, UploadCode) and action.upload in there)
    )


def _code(packed: Sequence[Packed]) -> dict[str, bytes]:
    """Return the code of the releases in the plan file, by SHA-256."""
    return {
        hashlib.sha256(body).hexdigest(): body
        for release, _ in packed
        for body in release.code.values()
    }


def _terraform(
    file: PlanFile,
    root: Path,
    environment: Environment,
    session: AccountSession,
    make_terraform: TerraformFactory,
) -> SavedTerraform | None:
    """Return what applies the plan's Terraform; None when it has none."""
    if file.plan.terraform is None:
        return None
    found = terraform_root(root, environment)
    return SavedTerraform(
        runner=make_terraform(found, session),
        plan_path=_place_terraform(file, root, found),
        note=TerraformNote(session, environment, found, file.digest),
    )


def _place_terraform(file: PlanFile, root: Path, terraform: TerraformRoot) -> Path:
    """Write the saved plan and the Lambda package to where the saved plan looks for them."""
    terraform.data_dir.mkdir(parents=True, exist_ok=True)
    terraform.plan_path.write_bytes(file.members[archive.TERRAFORM_PLAN])
    for name, content in file.under(archive.HANDLERS).items():
        package = root / "build" / "handlers" / Path(name).name
        package.parent.mkdir(parents=True, exist_ok=True)
        package.write_bytes(content)
    return terraform.plan_path
