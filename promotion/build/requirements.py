"""Requirements files: every line one package, pinned and hashed. Reads one file; calls nothing.

Such a file names exact bytes, whatever index they come from; `uv pip compile --generate-hashes`
and `pip-compile --generate-hashes` write it.
Source of the format: https://pip.pypa.io/en/stable/topics/secure-installs/
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from promotion.config.use_case import FOLDER
from promotion.errors import BuildError

_LINE = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?\s*==\s*(?P<version>[^\s;*]+)"
    r"\s*(;.*?)?(?P<hashes>(\s+--hash=sha256:[0-9a-f]{64})+)"
)
_COMMENT = re.compile(r"(^|\s)#.*$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Requirements:
    """A requirements file that was read.

    Attributes:
        path: where it is.
        body: its content.
        versions: version of each package by its name, as PEP 503 writes names.
        hashes: SHA-256 (64 hex digits) of every file that may be installed.
    """

    path: Path
    body: bytes
    versions: Mapping[str, str]
    hashes: frozenset[str]

    def digest(self, *further: str) -> str:
        """Return the SHA-256 of the content, and of what else decides what is installed."""
        found = hashlib.sha256(self.body)
        for text in further:
            found.update(f"\n{text}".encode())
        return found.hexdigest()


def read_requirements(folder: Path, name: str) -> Requirements:
    """Read a requirements file in a use case's folder.

    Raises:
        BuildError: it cannot be read, or a line is not pinned, not hashed, or no requirement;
            lists every problem with its line.
    """
    shown = f"{FOLDER}/{folder.name}/{name}"
    path = folder / name
    try:
        body = path.read_bytes()
        lines = list(_logical_lines(body.decode("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise BuildError(f"{shown}: cannot be read: {error}") from error
    problems = [f"line {number}: {found}" for number, text in lines if (found := _problem(text))]
    if problems or not lines:
        raise BuildError(
            f"{shown}: " + ("every line has to be pinned and hashed" if lines else "is empty"),
            problems=problems,
            hint="write the file with: uv pip compile --generate-hashes, or pip-compile",
        )
    matches = [match for _, text in lines if (match := _LINE.fullmatch(text))]
    return Requirements(
        path=path,
        body=body,
        versions={_normalised(match["name"]): match["version"] for match in matches},
        hashes=frozenset(each for match in matches for each in _HASH.findall(match["hashes"])),
    )


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each requirement with the number of its first line; a backslash continues a line."""
    start, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        bare = _COMMENT.sub("", line).strip()
        start = start if parts else number
        parts.append(bare.removesuffix("\\").strip())
        if bare.endswith("\\"):
            continue
        if joined := " ".join(filter(None, parts)):
            yield start, joined
        parts = []
    if joined := " ".join(filter(None, parts)):
        yield start, joined


def _problem(text: str) -> str:
    if _LINE.fullmatch(text):
        return ""
    shown = repr(text if len(text) <= 80 else f"{text[:77]}...")  # noqa: PLR2004 - bounded message
    if text.startswith("-"):
        return f"{shown} is an option; name indexes in the configuration of pip and uv"
    if "==" not in text:
        return f"{shown} is not pinned with =="
    if "--hash=" not in text:
        return f"{shown} has no --hash=sha256:..."
    return f"{shown} is no pinned and hashed requirement"


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
