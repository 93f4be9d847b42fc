"""One estate for all of these tests: Terraform applied in four accounts, models trained in dev.

Terraform's provider waits 55 s on a bucket's lifecycle whatever the server: so it is applied once.

Copies the project to a temporary folder, applies it there under enforcement as Jenkins and the
administrators do, and leaves a model version approved and one pending.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from sandbox.demo import story as stages
from sandbox.proof.estate import Estate, open_estate
from sandbox.proof.project import copy_project

from .attack import Attacker, Ground
from .inventory import found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .inventory import Inventory

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="package")
def held() -> dict[str, Inventory]:
    """What each account of the estate held when Terraform had been applied, before anything ran."""
    return {}


@pytest.fixture(scope="package")
def estate(
    tmp_path_factory: pytest.TempPathFactory, held: dict[str, Inventory]
) -> Iterator[Estate]:
    """The four accounts, with a release in dev and prod and a model version that serves."""
    inherited = {name: os.environ.pop(name) for name in list(os.environ) if name[:4] == "AWS_"}
    folder = copy_project(
        ROOT, tmp_path_factory.mktemp("estate") / "project", ROOT / "tests" / "environments"
    )
    told = io.StringIO()
    try:
        with open_estate(folder, Console(file=told, width=160)) as opened:
            stages.prepare_data(opened.story)
            stages.accounts_and_terraform(opened.story)
            for name, account in opened.story.accounts.items():
                held[name] = found(account.client)
            for stage in (
                stages.release_to_dev,
                stages.approval,
                stages.promotion_to_prod,
            ):
                stage(opened.story)
            opened.sandbox.settle()
            yield opened
    except BaseException:
        sys.stderr.write(told.getvalue()[-20_000:])
        raise
    finally:
        os.environ.update(inherited)


@pytest.fixture(scope="package")
def ground(estate: Estate) -> Ground:
    """What is attacked: names and ARNs of the estate, and its administrators' eyes."""
    return Ground(estate)


@pytest.fixture(scope="package")
def attacker(estate: Estate) -> Attacker:
    """Whoever attacks: a role whose credentials were stolen, or one of the sandbox's people."""
    return Attacker(estate)
