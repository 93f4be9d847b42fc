"""How commands make what the stages need: sessions and Terraform. Calls nothing by itself."""

from typing import TYPE_CHECKING

from promotion.cli.ui import Ui

if TYPE_CHECKING:
    from promotion.plan.stage import TerraformFactory


def terraform_factory(ui: Ui) -> "TerraformFactory":
    """Return what makes Terraform runners that tell their progress on stderr."""
    from promotion.terraform.runner import Terraform

    return lambda root, session: Terraform(root, credentials=session.lend, say=ui.progress)
