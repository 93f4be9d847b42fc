"""Prepares an account for promotions: its state bucket and its access module.

Calls S3 ListBuckets and, through Terraform, reads the account; writes
`build/terraform/<environment>/` and `build/handlers/`. Mutates the account with S3 CreateBucket
and `terraform apply` of the access module alone. The account's Terraform root adopts the bucket
with an `import` block and hardens it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from promotion.aws.objects import Objects
from promotion.aws.regions import check_region
from promotion.aws.session import Accounts, AccountSession
from promotion.build import package_handlers
from promotion.config import Environment, load_environment
from promotion.errors import RemoteError
from promotion.terraform.access import ACCESS_MODULE
from promotion.terraform.root import TerraformRoot, terraform_root
from promotion.terraform.runner import TerraformRunner
from promotion.terraform.summary import TerraformSummary, summarize


@dataclass(frozen=True)
class Bootstrap:
    """An account as its administrator prepares it.

    Attributes:
        environment: the environment.
        session: the administrator's session in its account.
        root: top folder of the project.
        terraform_root: where its Terraform is.
        terraform: runs it.
    """

    environment: Environment
    session: AccountSession
    root: Path
    terraform_root: TerraformRoot
    terraform: TerraformRunner

    def bucket_exists(self) -> bool:
        """Return whether the account has its state bucket."""
        return self._objects.owns_bucket(self.environment.buckets.state)

    def create_bucket(self) -> None:
        """Create the bare state bucket. Mutates the account.

        Raises:
            RemoteError: the name belongs to another account.
        """
        bucket = self.environment.buckets.state
        if not self._objects.create_bucket(bucket, self.environment.region):
            account_id = self.environment.account_id
            raise RemoteError(
                f"the bucket name {bucket} is taken by another account than {account_id}",
                account_id=account_id,
                operation="s3.CreateBucket",
                resource=f"s3://{bucket}",
                hint="bucket names are global: choose another buckets.state in the environment's "
                "file",
            )

    def plan(self) -> TerraformSummary:
        """Save a Terraform plan of the access module alone; return what it does.

        Raises:
            RemoteError: Terraform fails.
        """
        package: Path | None = None
        if self.environment.has_functions:
            package = package_handlers(self.root, self.root / "build" / "handlers")
        self.terraform.init()
        has_changes = self.terraform.plan(package, (ACCESS_MODULE,))
        document = self.terraform.show(self.terraform_root.plan_path)
        return summarize(document, has_changes=has_changes)

    def plan_text(self) -> str:
        """Return the saved plan as text for people.

        Raises:
            RemoteError: the plan cannot be read.
        """
        return self.terraform.show_text(self.terraform_root.plan_path)

    def apply(self) -> None:
        """Apply the saved plan. Mutates the account.

        Raises:
            StalePlan: the state has changed since.
            RemoteError: the apply fails; the log says what was done before.
        """
        self.terraform.apply(self.terraform_root.plan_path)

    @property
    def _objects(self) -> Objects:
        return Objects(self.session.s3, self.session.account_id)


def open_bootstrap(
    root: Path,
    name: str,
    *,
    accounts: Accounts,
    make_terraform: Callable[[TerraformRoot, AccountSession], TerraformRunner],
) -> Bootstrap:
    """Open an environment's account as the caller, who has to be in it. Mutates nothing.

    Args:
        root: top folder of the project.
        name: name of the environment.
        accounts: opens the session.
        make_terraform: makes the Terraform runner of a root.

    Raises:
        ConfigError: there is no such environment, or its file is wrong.
        RemoteError: no usable credentials, those of another account, or no usable Terraform.
    """
    environment = load_environment(root, name)
    found = terraform_root(root, environment)
    check_region(environment)
    caller = accounts.caller(environment.region)
    if caller.account_id != environment.account_id:
        raise RemoteError(
            f"{caller.arn} is in account {caller.account_id}: {name} is prepared by an "
            f"administrator of its own account {environment.account_id}",
            account_id=environment.account_id,
            operation="sts.GetCallerIdentity",
            hint=f"use credentials of an administrator of account {environment.account_id}",
        )
    session = accounts.open(environment)
    terraform = make_terraform(found, session)
    terraform.check()  # before the bucket is made, which would be in vain
    return Bootstrap(environment, session, root, found, terraform)
