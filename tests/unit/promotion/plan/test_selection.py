"""Which releases a plan is about, where some were built just now."""

from pathlib import Path

import pytest

from promotion.build.archive import new_release
from promotion.config import load_workload
from promotion.errors import BuildError
from promotion.plan.selection import FOLDER, Selected, select_releases

DEV = load_workload(Path(__file__).parents[3], "dev")
NAMES = ("mammography",)


def test_select__release_that_was_built_just_now__is_taken_without_reading_its_archive(tmp_path):
    release = new_release(
        use_case="mammography", git_commit="c" * 40, dirty=False, built_with={}, definitions={},
        code={}, declaration=b"", functions=b"",
    )  # fmt: skip
    path = tmp_path / FOLDER / release.file_name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not read")
    found = select_releases(tmp_path, DEV, (), NAMES, built={path: release})
    assert found == (Selected(release, path),)
    with pytest.raises(BuildError, match="is no release archive"):
        select_releases(tmp_path, DEV, (), NAMES, built={tmp_path / release.file_name: release})
