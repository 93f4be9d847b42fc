"""Release archives: a tar whose bytes depend on the release alone, verified when read.

Layout: `manifest.json`, `use_case.toml`, `functions.zip` (Lambda code),
`definitions/<pipeline>.json`, `code/<path>` (step code, and wheels under `wheels/<set>/`). The
manifest has the SHA-256 of every other part, the release's digest over those, and what built it.
"""

import hashlib
import json
import tarfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from promotion.build.files import keep_whole
from promotion.build.release import Release
from promotion.errors import BuildError
from promotion.tar import pack

SCHEMA_VERSION = 3
MANIFEST = "manifest.json"
DECLARATION = "use_case.toml"
FUNCTIONS = "functions.zip"
DEFINITIONS, CODE = "definitions/", "code/"
REBUILD = "build it again with: promote build --no-cache"
MANIFEST_KEYS = {
    "schema_version",
    "use_case",
    "digest",
    "git_commit",
    "dirty",
    "built_with",
    "parts",
}


def canonical_json(value: object) -> str:
    """Return JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def new_release(
    *,
    use_case: str,
    git_commit: str,
    dirty: bool,
    built_with: Mapping[str, str],
    definitions: Mapping[str, dict[str, Any]],
    code: Mapping[str, bytes],
    declaration: bytes,
    functions: bytes,
    known: Mapping[str, str] = MappingProxyType({}),
) -> Release:
    """Return a release of what was built, with its digests.

    Args:
        use_case, git_commit, dirty, built_with, definitions, code, declaration, functions: see
            `Release`.
        known: SHA-256 of files of the code that have been hashed already, by path.
    """
    hashed = {f"{CODE}{path}": digest for path, digest in known.items()}
    digests = _digests(_parts(definitions, code, declaration, functions), hashed)
    return Release(
        use_case=use_case,
        digest=_digest_of_parts(use_case, digests),
        git_commit=git_commit,
        dirty=dirty,
        built_with=built_with,
        definitions=definitions,
        code=code,
        declaration=declaration,
        functions=functions,
        digests=digests,
        sizes={path: len(body) for path, body in code.items()},
    )


def write_release(release: Release, folder: Path) -> Path:
    """Write `<use case>-<digest12>.tar` into a folder, which is made if needed.

    The file appears whole or not at all. One that is there with these bytes stays, as new as if it
    were written: what was built last is known by its time.

    Raises:
        BuildError: it cannot be written.
    """
    path = folder / release.file_name
    keep_whole(path, _pieces(release))
    return path


def archive_bytes(release: Release) -> bytes:
    """Return the archive's bytes."""
    return b"".join(_pieces(release))


def _pieces(release: Release) -> list[bytes]:
    parts = _parts(release.definitions, release.code, release.declaration, release.functions)
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "use_case": release.use_case,
        "digest": release.digest,
        "git_commit": release.git_commit,
        "dirty": release.dirty,
        "built_with": dict(release.built_with),
        "parts": dict(release.digests),
    }
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    return pack([(MANIFEST, text.encode()), *sorted(parts.items())], tarfile.GNU_FORMAT)


def read_release(path: Path) -> Release:
    """Read an archive and verify that it is whole.

    Raises:
        BuildError: the file is missing, cut short, altered or not a release.
    """
    places = _places(path)
    bodies = {name: _body(path, place) for name, place in places.items()}
    release = _release(path, places, bodies)
    code = {name: bodies[f"{CODE}{name}"] for name in release.code}
    return replace(release, code=code)


def open_release(path: Path) -> Release:
    """Read an archive, but not its code: that is read, and verified, when it is asked for.

    Wheels make a release large, and where nothing has changed nobody asks for them.

    Raises:
        BuildError: as `read_release`; so does asking for code that is altered.
    """
    places = _places(path)
    small = {name: p for name, p in places.items() if not name.startswith(CODE)}
    return _release(path, places, {name: _body(path, place) for name, place in small.items()})


@dataclass(frozen=True)
class _Place:
    """Where a member's content lies in an archive, in bytes."""

    offset: int
    size: int


class _Code(Mapping[str, bytes]):
    """The code in an archive, by path.

    Found anew each time: another build may have written the release again, with another manifest.
    """

    def __init__(self, path: Path, names: Collection[str], digests: Mapping[str, str]) -> None:
        self._path, self._names, self._digests = path, names, digests

    def __getitem__(self, name: str) -> bytes:
        if name not in self._names:
            raise KeyError(name)
        member = f"{CODE}{name}"
        place = _places(self._path).get(member)
        found = {member: _body(self._path, place)} if place else {}
        _verify(self._path, {member: self._digests[member]}, found)
        return found[member]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _release(path: Path, places: Mapping[str, _Place], bodies: Mapping[str, bytes]) -> Release:
    """Return the release of an archive whose members have these bodies, so far as they are read."""
    manifest = _manifest(path, bodies)
    stated: dict[str, str] = manifest["parts"]
    parts = {name: body for name, body in bodies.items() if name != MANIFEST}
    unread = {name: stated.get(name, "") for name in places.keys() - bodies.keys()}
    _verify(path, stated, parts, unread)
    if _digest_of_parts(manifest["use_case"], stated) != manifest["digest"]:
        raise BuildError(f"release {path}: its digest does not fit its parts", hint=REBUILD)
    sizes = {
        name.removeprefix(CODE): place.size
        for name, place in places.items()
        if name.startswith(CODE)
    }
    return Release(
        use_case=manifest["use_case"],
        digest=manifest["digest"],
        git_commit=manifest["git_commit"],
        dirty=manifest["dirty"],
        built_with=manifest["built_with"],
        definitions={
            name.removeprefix(DEFINITIONS).removesuffix(".json"): json.loads(body)
            for name, body in parts.items()
            if name.startswith(DEFINITIONS)
        },
        code=_Code(path, sizes.keys(), stated),
        declaration=parts[DECLARATION],
        functions=parts[FUNCTIONS],
        digests=stated,
        sizes=sizes,
    )


def _parts(
    definitions: Mapping[str, dict[str, Any]],
    code: Mapping[str, bytes],
    declaration: bytes,
    functions: bytes,
) -> dict[str, bytes]:
    return {
        DECLARATION: declaration,
        FUNCTIONS: functions,
        **{
            f"{DEFINITIONS}{key}.json": canonical_json(d).encode() for key, d in definitions.items()
        },
        **{f"{CODE}{path}": body for path, body in code.items()},
    }


def _digests(
    parts: Mapping[str, bytes], hashed: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    return {
        name: hashed.get(name) or hashlib.sha256(body).hexdigest() for name, body in parts.items()
    }


def _digest_of_parts(use_case: str, digests: Mapping[str, str]) -> str:
    content = canonical_json({"use_case": use_case, "parts": dict(digests)})
    return hashlib.sha256(content.encode()).hexdigest()


def _places(path: Path) -> dict[str, _Place]:
    try:
        with tarfile.open(path, mode="r:") as archive:
            places: dict[str, _Place] = {}
            for member in archive:
                if not member.isreg() or member.name in places:
                    raise BuildError(f"release {path}: unexpected member {member.name!r}")
                places[member.name] = _Place(member.offset_data, member.size)
    except FileNotFoundError as error:
        raise BuildError(f"release {path}: does not exist", hint=REBUILD) from error
    except (OSError, tarfile.TarError) as error:
        raise BuildError(f"release {path}: is no release archive: {error}", hint=REBUILD) from error
    return places


def _body(path: Path, place: _Place) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(place.offset)
            body = file.read(place.size)
    except OSError as error:
        raise BuildError(
            f"release {path}: cannot be read: {error.strerror}", hint=REBUILD
        ) from error
    if len(body) < place.size:
        raise BuildError(f"release {path}: is cut short", hint=REBUILD)
    return body


def _manifest(path: Path, members: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(members[MANIFEST])
        version = manifest["schema_version"]
    except (KeyError, TypeError, ValueError) as error:
        raise BuildError(
            f"release {path}: has no readable {MANIFEST}: it is not a release of promote",
            hint=REBUILD,
        ) from error
    if version != SCHEMA_VERSION:
        raise BuildError(
            f"release {path}: has the format {version!r}; this promote reads {SCHEMA_VERSION}",
            hint="use the promote that built it, or build it again",
        )
    fits = manifest.keys() == MANIFEST_KEYS and all(
        isinstance(manifest[key], dict) for key in ("built_with", "parts")
    )
    if not fits or not {DECLARATION, FUNCTIONS} <= manifest["parts"].keys():
        raise BuildError(f"release {path}: {MANIFEST} is malformed", hint=REBUILD)
    return manifest


def _verify(
    path: Path,
    stated: Mapping[str, str],
    parts: Mapping[str, bytes],
    unread: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Check that an archive has the parts that are stated; those that are not read may be any."""
    actual = {**_digests(parts), **unread}
    if problems := _altered(stated, actual):
        raise BuildError(f"release {path}: is altered", problems=problems, hint=REBUILD)


def _altered(stated: Mapping[str, str], actual: Mapping[str, str]) -> list[str]:
    return [
        *(f"{name}: is missing" for name in sorted(stated.keys() - actual.keys())),
        *(f"{name}: is not in the manifest" for name in sorted(actual.keys() - stated.keys())),
        *(
            f"{name}: its content does not fit its digest"
            for name in sorted(stated.keys() & actual.keys())
            if stated[name] != actual[name]
        ),
    ]
