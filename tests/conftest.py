"""Order of all tests: those that apply Terraform first, each in a process of its own.

They wait most of their minutes, so that others run beside them; started last they would run alone.
"""

from __future__ import annotations

import importlib.util
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# No test is timed: a busy machine would fail it.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Let Ctrl-C reach the processes of tests: what a shell starts with & ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move tests with an ``xdist_group`` to the front; the order is else kept."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


@pytest.fixture(scope="session")
def terraform_class() -> Any:
    """Return ``terraform.py``'s Terraform; ``tests`` is not a package that one could import."""
    path = Path(__file__).with_name("terraform.py")
    spec = importlib.util.spec_from_file_location("terraform_for_tests", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look their own module up
    spec.loader.exec_module(module)
    return module.Terraform
