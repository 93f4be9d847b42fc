"""Where an environment's Terraform lives and keeps what it makes. Reads file names only."""

from dataclasses import dataclass
from pathlib import Path

from promotion.config import Environment
from promotion.errors import ConfigError


@dataclass(frozen=True)
class TerraformRoot:
    """The Terraform root of one environment.

    Attributes:
        environment: name of the environment.
        account_id: its account, for messages.
        folder: `mlops-infra/accounts/<environment>`.
        var_file: the environment's file.
        data_dir: TF_DATA_DIR: providers, the log, the saved plan.
        region: region of the state bucket.
        state_bucket: bucket of the state.
        state_key: key of the state.
    """

    environment: str
    account_id: str
    folder: Path
    var_file: Path
    data_dir: Path
    region: str
    state_bucket: str
    state_key: str

    @property
    def log_path(self) -> Path:
        """The full output of the last command's Terraform runs."""
        return self.data_dir / "log"

    @property
    def plan_path(self) -> Path:
        """The saved plan."""
        return self.data_dir / "terraform.tfplan"

    @property
    def backend_options(self) -> tuple[str, ...]:
        """Options of `terraform init` that say where the state is."""
        values = {
            "bucket": self.state_bucket,
            "key": self.state_key,
            "region": self.region,
            "use_lockfile": "true",
            "encrypt": "true",
        }
        return tuple(f"-backend-config={key}={value}" for key, value in values.items())


def terraform_root(root: Path, environment: Environment) -> TerraformRoot:
    """Return the Terraform root of an environment.

    Args:
        root: top folder of the project.
        environment: the environment.

    Raises:
        ConfigError: the environment has no root folder.
    """
    name = environment.environment
    folder = root / "mlops-infra" / "accounts" / name
    if not folder.is_dir():
        raise ConfigError(
            f"environment {name} has no Terraform root: {folder} does not exist",
            hint="add the folder, or pass --no-terraform to plan the pipelines only",
        )
    return TerraformRoot(
        environment=name,
        account_id=environment.account_id,
        folder=folder,
        var_file=root / "environments" / f"{name}.tfvars.json",
        data_dir=root / "build" / "terraform" / name,
        region=environment.region,
        state_bucket=environment.buckets.state,
        state_key=environment.state_key,
    )
