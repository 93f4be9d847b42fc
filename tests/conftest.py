"""Order of all tests: those that apply Terraform first, each in a process of its own.

They wait most of their minutes, so that others run beside them; started last they would run alone.
"""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move tests with an ``xdist_group`` to the front; the order is else kept."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)
