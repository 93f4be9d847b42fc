"""Terraform's own checks: tests of every module, formatting, validity; no credentials, no AWS."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

INFRA = Path(__file__).resolve().parents[2] / "mlops-infra"
MODULES = sorted(path.name for path in (INFRA / "modules").iterdir() if path.is_dir())
ACCOUNTS = sorted(path.name for path in (INFRA / "accounts").iterdir() if path.is_dir())


def test_formatting__whole_tree__is_canonical() -> None:
    checked = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", str(INFRA)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("account", ACCOUNTS)
def test_root__validate__finds_nothing(
    account: str, terraform: Callable[..., Any], running_provider: str
) -> None:
    run = terraform(f"accounts/{account}", {"TF_REATTACH_PROVIDERS": running_provider})
    run.succeed("init", "-backend=false")
    assert "The configuration is valid" in run.succeed("validate")


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_module__terraform_test__passes(
    module: str, terraform: Callable[..., Any], running_provider: str
) -> None:
    run = terraform(f"modules/{module}", {"TF_REATTACH_PROVIDERS": running_provider})
    run.succeed("init", "-backend=false")
    assert ", 0 failed." in run.succeed("test")
