"""Release archives: the same bytes each time, and every damage noticed."""

import io
import json
import os
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from promotion.build.archive import new_release, open_release
from promotion.build.release import Release
from promotion.errors import BuildError

DEFINITIONS: dict[str, dict[str, Any]] = {"train": {"b": 1, "a": ["é"]}, "inference": {}}
CODE = {"steps/x.py": b"x\n", "steps/deep/y.py": b"y\n"}
DECLARATION = b'name = "demo"\n'
FUNCTIONS = b"zip"
BUILT_WITH = {"sagemaker-promotion": "0.1.0", "sagemaker": "3.27.0"}


@pytest.fixture
def release() -> Release:
    return make()


def make(**values: Any) -> Release:
    """Return the release with some of what is in it replaced."""
    whole = {
        "use_case": "demo",
        "git_commit": "c" * 40,
        "dirty": True,
        "built_with": BUILT_WITH,
        "definitions": DEFINITIONS,
        "code": CODE,
        "declaration": DECLARATION,
        "functions": FUNCTIONS,
    }
    return new_release(**{**whole, **values})


def rewrite(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    with tarfile.open(path) as archive:
        members = {m.name: archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]
    change(members)
    with tarfile.open(path, "w") as archive:
        for name, body in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))


def test_archive__written_and_read__is_the_same_release(release: Release, tmp_path: Path) -> None:
    path = release.write(tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / f"demo-{release.digest[:12]}.tar"
    assert Release.read(path) == release
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_archive__members__are_sorted_and_carry_nothing_of_the_machine(
    release: Release, tmp_path: Path
) -> None:
    with tarfile.open(release.write(tmp_path)) as archive:
        members = archive.getmembers()
    assert [m.name for m in members] == [
        "manifest.json",
        "code/steps/deep/y.py",
        "code/steps/x.py",
        "definitions/inference.json",
        "definitions/train.json",
        "functions.zip",
        "use_case.toml",
    ]
    assert {(m.mode, m.mtime, m.uid, m.gid, m.uname, m.gname) for m in members} == {
        (0o644, 0, 0, 0, "", "")
    }


def test_archive__other_order_of_the_same_content__has_the_same_bytes(
    release: Release, tmp_path: Path
) -> None:
    code = dict(reversed(list(CODE.items())))
    definitions = {key: dict(reversed(d.items())) for key, d in reversed(DEFINITIONS.items())}
    built_with = dict(reversed(BUILT_WITH.items()))
    other = make(definitions=definitions, code=code, built_with=built_with)
    first, second = (r.write(tmp_path / n) for r, n in ((release, "a"), (other, "b")))
    assert first.read_bytes() == second.read_bytes()


def test_digest__any_content__changes_it_and_the_commit_does_not(release: Release) -> None:
    digests = {
        release.digest,
        make(git_commit="d" * 40, dirty=False, built_with={}).digest,
        make(use_case="demo2").digest,
        make(definitions={**DEFINITIONS, "x": {}}).digest,
        make(code={**CODE, "steps/x.py": b"z"}).digest,
        make(declaration=b"").digest,
        make(functions=b"other").digest,
    }
    assert len(digests) == 6


def edit_manifest(**values: object) -> Callable[[dict[str, bytes]], object]:
    def change(members: dict[str, bytes]) -> None:
        manifest = {**json.loads(members["manifest.json"]), **values}
        members["manifest.json"] = json.dumps(manifest).encode()

    return change


def drop_manifest_key(members: dict[str, bytes]) -> None:
    manifest = json.loads(members["manifest.json"])
    del manifest["dirty"]
    members["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "message", "problems"),
    [
        (
            lambda m: m.update({"code/steps/x.py": b"evil\n"}),
            "is altered",
            ("code/steps/x.py: its content does not fit its digest",),
        ),
        *(
            (
                lambda m, part=part: m.update({part: b"{} "}),
                "is altered",
                (f"{part}: its content does not fit its digest",),
            )
            for part in ("definitions/train.json", "functions.zip", "use_case.toml")
        ),
        (lambda m: m.pop("use_case.toml"), "is altered", ("use_case.toml: is missing",)),
        (
            lambda m: m.update({"code/steps/z.py": b""}),
            "is altered",
            ("code/steps/z.py: is not in the manifest",),
        ),
        (edit_manifest(digest="0" * 64), "its digest does not fit its parts", ()),
        (edit_manifest(use_case="other"), "its digest does not fit its parts", ()),
        (lambda m: m.pop("functions.zip"), "is altered", ("functions.zip: is missing",)),
        (edit_manifest(schema_version=2), "has the format 2; this promote reads 3", ()),
        (edit_manifest(schema_version=9), "has the format 9; this promote reads 3", ()),
        (edit_manifest(built_with=None), "manifest.json is malformed", ()),
        (edit_manifest(parts=[]), "manifest.json is malformed", ()),
        (drop_manifest_key, "manifest.json is malformed", ()),
        (
            lambda m: m.update({"manifest.json": b"[]"}),
            "has no readable manifest.json: it is not a release of promote",
            (),
        ),
        (
            lambda m: m.pop("manifest.json"),
            "has no readable manifest.json: it is not a release of promote",
            (),
        ),
    ],
)
def test_read__altered_archive__is_refused(
    release: Release,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], object],
    message: str,
    problems: tuple[str, ...],
) -> None:
    path = release.write(tmp_path)
    rewrite(path, change)
    with pytest.raises(BuildError) as caught:
        Release.read(path)
    assert caught.value.message == f"release {path}: {message}"
    assert caught.value.problems == problems
    assert caught.value.hint is not None
    if not any(each.startswith("code/") and "does not fit" in each for each in problems):
        # Code is not read.
        with pytest.raises(BuildError, match=re.escape(caught.value.message)):
            open_release(path)


def test_open__archive__is_the_same_release_and_reads_code_when_asked(
    release: Release, tmp_path: Path
) -> None:
    path = release.write(tmp_path)
    opened = open_release(path)
    assert opened == release
    assert (len(opened.code), opened.sizes) == (2, {"steps/x.py": 2, "steps/deep/y.py": 2})
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"x\n", b"?\n"))
    assert opened.code["steps/deep/y.py"] == b"y\n"
    with pytest.raises(BuildError) as caught:
        opened.code["steps/x.py"]
    assert (caught.value.message, caught.value.problems) == (
        f"release {path}: is altered",
        ("code/steps/x.py: its content does not fit its digest",),
    )
    with pytest.raises(KeyError):
        opened.code["steps/z.py"]
    path.unlink()
    assert "steps/x.py" in opened.code
    with pytest.raises(BuildError, match=r"\.tar: does not exist"):
        opened.code["steps/x.py"]


def test_open__same_release_is_written_with_another_manifest__reads_its_code(
    release: Release, tmp_path: Path
) -> None:
    opened = open_release(release.write(tmp_path))
    other = make(built_with={**BUILT_WITH, **{f"tool-{n}": "1" * 40 for n in range(20)}})
    assert other.write(tmp_path) == tmp_path / release.file_name
    assert dict(opened.code) == CODE


@pytest.mark.parametrize("kept_bytes", [0, 100, 700, 1500, 2900])
def test_read__archive_cut_short__is_refused(
    release: Release, tmp_path: Path, kept_bytes: int
) -> None:
    path = release.write(tmp_path)
    path.write_bytes(path.read_bytes()[:kept_bytes])
    with pytest.raises(BuildError) as caught:
        Release.read(path)
    assert caught.value.message.startswith(f"release {path}: ")


def test_write__folder_that_cannot_be_made__is_reported(release: Release, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BuildError, match=r"\.tar: cannot be written: File exists"):
        release.write(tmp_path / "file")


def test_write__same_bytes_are_there__leaves_the_file_and_makes_it_the_newest(
    release: Release, tmp_path: Path
) -> None:
    path = release.write(tmp_path)
    os.utime(path, (1, 1))
    inode = path.stat().st_ino
    release.write(tmp_path)
    assert (path.stat().st_ino, path.stat().st_mtime > 1) == (inode, True)


@pytest.mark.parametrize(
    "damaged",
    [
        lambda whole: whole[:600] + b"?" + whole[601:],
        lambda whole: whole[:-1],
        lambda whole: whole + b"?",
    ],
)
def test_write__damaged_file_is_there__replaces_it(
    release: Release, tmp_path: Path, damaged: Callable[[bytes], bytes]
) -> None:
    path = release.write(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(damaged(whole))
    release.write(tmp_path)
    assert path.read_bytes() == whole


def test_read__folder_in_the_archive__is_refused(release: Release, tmp_path: Path) -> None:
    path = release.write(tmp_path)
    with tarfile.open(path, "a") as archive:
        member = tarfile.TarInfo("code")
        member.type = tarfile.DIRTYPE
        archive.addfile(member)
    with pytest.raises(BuildError, match="unexpected member 'code'"):
        Release.read(path)


def test_read__missing_file__says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        Release.read(tmp_path / "gone.tar")
    assert caught.value.message == f"release {tmp_path / 'gone.tar'}: does not exist"
    assert caught.value.hint == "build it again with: promote build --no-cache"


def test_read__other_kind_of_file__is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_text("no archive")
    with pytest.raises(BuildError, match="is no release archive"):
        Release.read(path)
