"""How commands make what the stages need: sessions and Terraform."""

from typing import TYPE_CHECKING

from promotion.cli.ui import Ui

if TYPE_CHECKING:
    from promotion.cli.main import State
    from promotion.plan.stage import TerraformFactory
    from promotion.registry.versions import Registry


def terraform_factory(ui: Ui) -> "TerraformFactory":
    """Return what makes Terraform runners that tell their progress on stderr."""
    from promotion.terraform.runner import Terraform

    return lambda root, session: Terraform(root, credentials=session.lend, say=ui.progress)


def open_as_approver(state: "State") -> "Registry":
    """Return the registry account, opened under the approver role, after telling which it is.

    Raises:
        RemoteError: the caller is no approver, or AWS fails.
    """
    from promotion.aws.session import Accounts
    from promotion.registry.versions import open_registry

    registry = open_registry(state.root, Accounts(), to_approve=True)
    account = registry.environment.account_id
    state.ui.progress(f"registry: account {account} as {registry.caller_arn}")
    return registry
