"""One estate for all of these tests: Terraform applied in four accounts, models trained in dev.

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

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="package")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The four accounts, with a release in dev and prod and a model version that serves."""
    inherited = {name: os.environ.pop(name) for name in list(os.environ) if name[:4] == "AWS_"}
    folder = copy_project(
        ROOT, tmp_path_factory.mktemp("estate") / "project", ROOT / "tests" / "environments"
    )
    told = io.StringIO()
    try:
        with open_estate(folder, Console(file=told, width=160)) as opened:
            for stage in (
                stages.prepare_data,
                stages.accounts_and_terraform,
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
