"""Programs of several modules: a folder below `steps/` with a `__main__.py` becomes one file.

Python runs a ZIP file that holds a `__main__.py` (https://docs.python.org/3/library/zipapp.html),
so that a step of many modules is one code object like any other. Pure; the same source gives the
same bytes.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

SUFFIX = ".pyz"
START = "__main__.py"
# The earliest date that a ZIP file can state.
_DATE = (1980, 1, 1, 0, 0, 0)


def pack_programs(code: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    """Return the code with each program's folder replaced by `<folder>/<program>.pyz`.

    Args:
        code: content of each file, by its path in the use case's folder.
        folder: where programs are looked for.
    """
    programs = {
        path.parent.as_posix()
        for path in map(PurePosixPath, code)
        if path.name == START and path.parent.parent.as_posix() == folder
    }
    packed = {
        path: body
        for path, body in code.items()
        if not any(path.startswith(f"{program}/") for program in programs)
    }
    for program in sorted(programs):
        members = {
            path.removeprefix(f"{folder}/"): body
            for path, body in code.items()
            if path.startswith(f"{program}/")
        }
        packed[f"{program}{SUFFIX}"] = _zip(PurePosixPath(program).name, members)
    return packed


def source_text(name: str, content: bytes) -> str:
    """Return a code object as text, a program's modules one after the other.

    Raises:
        ValueError: it is no text.
    """
    if not name.endswith(SUFFIX):
        return content.decode()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "".join(
                f"# {member}\n{archive.read(member).decode()}\n" for member in archive.namelist()
            )
    except zipfile.BadZipFile as error:
        raise ValueError(f"{name} is no program") from error


def _zip(program: str, members: Mapping[str, bytes]) -> bytes:
    start = f'import runpy\n\nrunpy.run_module("{program}", run_name="__main__", alter_sys=True)\n'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, body in ((START, start.encode()), *sorted(members.items())):
            member = zipfile.ZipInfo(name, _DATE)
            member.create_system, member.external_attr = 3, 0o644 << 16
            archive.writestr(member, body)
    return buffer.getvalue()
