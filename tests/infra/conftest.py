"""Terraform and the files under test, for the tests of ``mlops-infra``.

Copies ``mlops-infra/`` and ``environments/`` to a temporary folder, so that runs leave no lock
files behind and do not meet runs of the working copy.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def infra_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds copies of ``mlops-infra`` and ``environments``."""
    folder = tmp_path_factory.mktemp("infra")
    ignored = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl")
    for name in ("mlops-infra", "environments"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    return folder


@pytest.fixture(scope="session")
def terraform(
    infra_copy: Path, tmp_path_factory: pytest.TempPathFactory, terraform_class: Any
) -> Callable[[str, dict[str, str]], Any]:
    """Return what makes a Terraform for a folder below the copied ``mlops-infra``."""

    def make(folder: str, environment: dict[str, str]) -> Any:
        return terraform_class(
            directory=infra_copy / "mlops-infra" / folder,
            environment={"TF_CLI_ARGS": "-no-color", **environment},
            # Of its own: Terraform remembers there which backend it was initialised with.
            data_directory=tmp_path_factory.mktemp("terraform-data"),
        )

    return make


@pytest.fixture(scope="session")
def running_provider(terraform: Callable[..., Any], tmp_path_factory: Any) -> Iterator[str]:
    """Return TF_REATTACH_PROVIDERS of an AWS provider that serves many runs of Terraform.

    Terraform starts a provider for every ``run`` of a test, only to ask it for its schema, when it
    is mocked: that took 300 s of CPU. For runs that configure no provider: they would share it.
    https://developer.hashicorp.com/terraform/plugin/debugging#terraform-cli-reattach
    """
    module = terraform("modules/lambda-function", {})
    module.succeed("init", "-backend=false")
    (provider,) = [
        Path(folder) / name
        for folder, _, names in os.walk(module.data_directory / "providers", followlinks=True)
        for name in names
        if name.startswith("terraform-provider-aws")
    ]
    said = tmp_path_factory.mktemp("provider") / "said.txt"
    with (
        said.open("w") as log,
        subprocess.Popen(
            [provider, "-debug"], stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
        ExitStack() as stack,
    ):
        stack.callback(process.kill)
        assert process.stdout is not None
        found = (re.search(r"TF_REATTACH_PROVIDERS='(.*)'", line) for line in process.stdout)
        address = next((match[1] for match in found if match), None)
        assert address, f"the AWS provider did not say its address: {said.read_text()}"
        yield address


@pytest.fixture(scope="session")
def handlers_package(infra_copy: Path) -> Path:
    """Return a ZIP file that Lambda accepts: what is in it is not the matter of these tests."""
    path = infra_copy / "handlers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("promotion/__init__.py"), "")
    return path
