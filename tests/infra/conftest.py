"""Terraform and the files under test, for the tests of ``mlops-infra``.

Copies ``mlops-infra/`` and ``environments/`` to a temporary folder, so that runs leave no lock
files behind and do not meet runs of the working copy.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

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
def handlers_package(infra_copy: Path) -> Path:
    """Return a ZIP file that Lambda accepts: what is in it is not the matter of these tests."""
    path = infra_copy / "handlers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("promotion/__init__.py"), "")
    return path
