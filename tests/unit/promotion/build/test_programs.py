"""Programs of several modules in a use case's code."""

import subprocess
import sys
from pathlib import Path

import pytest

from promotion.build.programs import pack_programs, source_text

CODE = {
    "steps/one.py": b"print('one')\n",
    "steps/tool/__init__.py": b"",
    "steps/tool/__main__.py": b"import sys\nfrom .words import WORD\nprint(WORD, *sys.argv[1:])\n",
    "steps/tool/words.py": b"WORD = 'two'\n",
    "steps/data/__main__.txt": b"no program",
    "steps/deep/er/__main__.py": b"too deep",
}


def test_pack_programs__folder_with_a_main__becomes_one_program(tmp_path: Path) -> None:
    packed = pack_programs(CODE, "steps")
    assert packed.keys() == {
        "steps/one.py",
        "steps/tool.pyz",
        "steps/data/__main__.txt",
        "steps/deep/er/__main__.py",
    }
    path = tmp_path / "tool.pyz"
    path.write_bytes(packed["steps/tool.pyz"])
    done = subprocess.run(
        [sys.executable, path, "a", "b"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "two a b\n", "")


def test_pack_programs__files_in_another_order__gives_the_same_bytes() -> None:
    again = pack_programs(dict(reversed(CODE.items())), "steps")
    assert again == pack_programs(CODE, "steps")


def test_pack_programs__no_program__changes_nothing() -> None:
    assert pack_programs({"steps/a.py": b""}, "steps") == {"steps/a.py": b""}


def test_source_text__program__is_its_modules_one_after_the_other() -> None:
    text = source_text("tool.pyz", pack_programs(CODE, "steps")["steps/tool.pyz"])
    assert text.endswith("# tool/words.py\nWORD = 'two'\n\n")
    assert source_text("one.py", b"x = 1\n") == "x = 1\n"


@pytest.mark.parametrize(("name", "content"), [("x.pyz", b"no zip"), ("x.py", b"\xff")])
def test_source_text__no_text__is_an_error(name: str, content: bytes) -> None:
    with pytest.raises(ValueError, match=r"x.pyz is no program|invalid start byte"):
        source_text(name, content)
