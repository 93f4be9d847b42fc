"""Whether a plan's Terraform was applied already, by an earlier apply of the same plan file.

A saved Terraform plan is stale as soon as it is applied: the state moves on. So that the same plan
file can be applied again after a failure behind Terraform, the apply leaves a note beside the
state: which plan file it was, and the state that its Terraform left. Calls S3 GetObject; mutates
with PutObject.
"""

import json
from dataclasses import dataclass

from promotion.aws.control_objects import ControlObjects
from promotion.aws.objects import Objects
from promotion.aws.session import AccountSession
from promotion.config import Environment
from promotion.errors import StalePlan
from promotion.plan.model import Plan
from promotion.terraform.root import TerraformRoot
from promotion.terraform.state import read_state_version
from promotion.terraform.summary import StateVersion


@dataclass(frozen=True)
class TerraformNote:
    """The note of one environment, for one plan file.

    Attributes:
        session: session in the environment's account.
        environment: whose note.
        root: its Terraform.
        plan_digest: digest of the plan file.
    """

    session: AccountSession
    environment: Environment
    root: TerraformRoot
    plan_digest: str

    def write(self) -> None:
        """Note that the plan's Terraform has been applied just now. Mutates the account."""
        self._objects.write(self.environment.applied_key, self._body(self._version()))

    def done(self, plan: Plan) -> bool:
        """Return whether the plan's Terraform has been applied already; False when it has none.

        Raises:
            StalePlan: the state is neither what the plan was made from, nor what it left.
        """
        if plan.terraform is None:
            return False
        version = self._version()
        noted = self._objects.read(self.environment.applied_key)
        if noted and noted.body == self._body(version):
            return True
        if version == plan.terraform.state:
            return False
        raise StalePlan(
            f"the Terraform state of {plan.environment} has changed since the plan was made: it "
            f"was {_told(plan.terraform.state)}, and is {_told(version)}",
            hint=f"nothing was applied; make a new plan: promote plan {plan.environment}",
        )

    def _version(self) -> StateVersion | None:
        objects = Objects(self.session.s3, self.session.account_id)
        return read_state_version(objects, self.root)

    def _body(self, version: StateVersion | None) -> bytes:
        content = {
            "plan_digest": self.plan_digest,
            "lineage": version.lineage if version else "",
            "serial": version.serial if version else 0,
        }
        return json.dumps(content, indent=1, sort_keys=True).encode()

    @property
    def _objects(self) -> ControlObjects:
        bucket = self.root.state_bucket
        return ControlObjects(self.session.s3, self.session.account_id, bucket)


def _told(version: StateVersion | None) -> str:
    return str(version) if version else "not there"
