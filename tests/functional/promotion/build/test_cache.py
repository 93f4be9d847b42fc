"""The same source is not built twice, and another source is never taken for it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from promotion.build import Cache, Release, build
from promotion.errors import BuildError

TRAIN = "def pipeline():\n    return fail('first')\n"
Write = Callable[..., Path]


def message(release: Release) -> str:
    """Return the text of the only step."""
    text: str = release.definitions["train"]["Steps"][0]["Arguments"]["ErrorMessage"]
    return text


def make(project: Path) -> Release:
    return build(project, "demo", project / "out", Cache(project / "cache", project))


def entry(project: Path) -> Path:
    (found,) = (project / "cache").glob("demo-*.json")
    return found


def mark(project: Path) -> None:
    """Change the only entry, so that a definition that comes from it can be told."""
    document = json.loads(entry(project).read_text())
    document["definitions"]["train"]["Steps"][0]["Arguments"]["ErrorMessage"] = "from the cache"
    entry(project).write_text(json.dumps(document))


def test_build__same_source_twice__takes_the_definitions_from_the_cache(write: Write) -> None:
    project = write(TRAIN)
    assert message(make(project)) == "first"
    mark(project)
    assert message(make(project)) == "from the cache"


def test_build__same_source_twice__gives_the_same_archive(write: Write) -> None:
    project = write(TRAIN)
    first = make(project)
    archive = project / "out" / first.file_name
    built = archive.read_bytes()
    archive.unlink()
    assert make(project) == first
    assert archive.read_bytes() == built


def archive_of(project: Path) -> Path:
    (found,) = (project / "out").glob("demo-*.tar")
    return found


def test_build__archive_is_as_it_was_left__stays_and_is_the_newest(write: Write) -> None:
    project = write(TRAIN, **{"steps/x.py": "x"})
    first = make(project)
    path = archive_of(project)
    for _ in range(2):  # the time that is given to the archive is no change of it
        left = path.stat()
        again = make(project)
        assert again == first
        assert path.stat().st_ino == left.st_ino
        assert path.stat().st_mtime_ns > left.st_mtime_ns
    path.unlink()  # nothing of it was read before
    with pytest.raises(BuildError, match="does not exist"):
        again.code["steps/x.py"]


def test_build__archive_was_altered__is_written_again(write: Write) -> None:
    project = write(TRAIN, **{"steps/x.py": "x"})
    first = make(project)
    path = archive_of(project)
    whole, times = path.read_bytes(), path.stat()
    path.write_bytes(whole.replace(b"x", b"y"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert make(project) == first
    assert path.read_bytes() == whole


@pytest.mark.parametrize("target", ["nowhere", ".", "x.py", "y.py"])
def test_build__file_becomes_a_link__is_refused_as_without_a_cache(
    write: Write, target: str
) -> None:
    project = write(TRAIN, **{"steps/x.py": "x", "steps/y.py": "x"})
    make(project)
    (project / "pipelines/demo/steps/x.py").unlink()
    (project / "pipelines/demo/steps/x.py").symlink_to(target)
    for _ in range(2):
        with pytest.raises(BuildError, match=r"steps/x\.py: is a symbolic link; pack a file"):
            make(project)


def test_build__source_changes_meanwhile__is_not_taken_for_the_source_that_it_was(
    write: Write,
) -> None:
    steps = "Path(__file__).with_name('steps') / 'x.py'"
    project = write(
        f"from pathlib import Path\ndef pipeline():\n    ({steps}).write_text('y')\n"
        "    return fail('first')"
    )
    path = project / "pipelines" / "demo" / "steps" / "x.py"
    path.parent.mkdir()
    path.write_text("x")
    make(project)
    assert not (project / "cache").exists()
    assert path.read_text() == "y"


def test_build__cache_cannot_be_written__takes_what_it_has(write: Write) -> None:
    project = write(TRAIN)
    first = make(project)
    (project / "cache" / "demo.json").unlink()
    (project / "cache" / "demo.json").mkdir()
    for _ in range(2):
        assert make(project) == first


def test_build__other_folder__gets_an_archive_too(write: Write) -> None:
    project = write(TRAIN)
    first = make(project)
    cache = Cache(project / "cache", project)
    assert build(project, "demo", project / "elsewhere", cache) == first
    assert (project / "elsewhere" / first.file_name).read_bytes() == (
        archive_of(project).read_bytes()
    )


def test_build__source_is_committed__is_another_archive(write: Write) -> None:
    project = write(TRAIN)
    assert make(project).git_commit == "uncommitted"
    for words in (["init"], ["add", "pipelines"], ["commit", "-m", "first"]):
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        subprocess.run(["git", *identity, *words], cwd=project, check=True, capture_output=True)
    committed = make(project)
    assert (len(committed.git_commit), committed.dirty) == (40, False)
    assert Release.read(archive_of(project)) == committed


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": 1, "made_of": [], "stamp": []}'])
def test_build__what_is_kept_of_the_archive_cannot_be_read__looks_at_it(
    write: Write, text: str
) -> None:
    project = write(TRAIN)
    first = make(project)
    (project / "cache" / "demo.json").write_text(text)
    assert make(project) == first
    assert json.loads((project / "cache" / "demo.json").read_text())["name"] == first.file_name


def test_build__same_source_twice__imports_neither_the_sdk_nor_what_runs_it(write: Write) -> None:
    project = write(TRAIN)
    make(project)
    code = (
        "import sys; from pathlib import Path; from promotion.build import Cache, build;"
        "import promotion.plan.stage;"
        f"project = Path({str(project)!r});"
        "build(project, 'demo', project / 'out', Cache(project / 'cache', project));"
        "print(*sorted({'sagemaker', 'boto3', 'promotion.build.obtain'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "\n"


def test_build__without_cache__runs_the_source_again(write: Write) -> None:
    project = write(TRAIN)
    make(project)
    mark(project)
    assert message(build(project, "demo", project / "out")) == "first"


@pytest.mark.parametrize("file", ["train.py", "helper.py", "use_case.toml", "steps/new.py"])
def test_build__file_of_the_use_case_changed__builds_anew(write: Write, file: str) -> None:
    project = write(TRAIN)
    make(project)
    mark(project)
    path = project / "pipelines" / "demo" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "\n# changed\n")
    assert message(make(project)) == "first"


def test_build__module_of_another_folder_changed__builds_anew(write: Write) -> None:
    project = write(
        "from pipelines.shared.text import TEXT\ndef pipeline():\n    return fail(TEXT)"
    )
    shared = project / "pipelines" / "shared" / "text.py"
    shared.parent.mkdir()
    shared.write_text("TEXT = 'one'\n")
    assert message(make(project)) == "one"
    shared.write_text("TEXT = 'two'\n")
    assert message(make(project)) == "two"
    shared.unlink()
    with pytest.raises(BuildError, match="cannot be built"):
        make(project)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"definitions": {}}'])
def test_build__entry_cannot_be_read__builds_anew_and_replaces_it(write: Write, text: str) -> None:
    project = write(TRAIN)
    make(project)
    whole = entry(project).read_text()
    entry(project).write_text(text)
    assert message(make(project)) == "first"
    assert entry(project).read_text() == whole


def test_build__definition_is_wrong__is_not_kept(write: Write) -> None:
    project = write("def pipeline():\n    return {'Version': '2020-12-01', 'Steps': [{}]}\n")
    for _ in range(2):
        with pytest.raises(BuildError):
            make(project)
    assert not (project / "cache").exists()
