"""One harness for all scenarios; a repository and stand-ins for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .world import ROOT, Harness, World, compile_harness, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def harness() -> Iterator[Harness]:
    """The harness; a test without Groovy fails and says what to install."""
    with compile_harness(ROOT / "build" / "harness").serving() as started:
        yield started


@pytest.fixture
def world(harness: Harness, tmp_path: Path) -> World:
    """A repository of its own."""
    return make_world(harness, tmp_path)
