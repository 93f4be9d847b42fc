"""Which releases a plan is about.

Reads release archives in `build/releases/`. A digest that is not there is looked for among the
published releases and downloaded to there.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from promotion.aws.releases import ReleaseStore
from promotion.build.files import write_whole
from promotion.build.release import Release
from promotion.config import Environment, WorkloadEnvironment
from promotion.errors import BuildError, ConfigError

FOLDER = Path("build") / "releases"
OpenStore = Callable[[], ReleaseStore]
"""Opens the published releases; called only where they are needed."""


@dataclass(frozen=True)
class Selected:
    """A release and the archive it was read from."""

    release: Release
    path: Path


def select_releases(
    root: Path,
    environment: Environment,
    named: Sequence[str],
    use_cases: Sequence[str],
    *,
    open_store: OpenStore | None = None,
    built: Mapping[Path, Release] = MappingProxyType({}),
) -> tuple[Selected, ...]:
    """Return the releases to plan, by use case.

    Args:
        root: top folder of the project.
        environment: the environment; one that runs no pipelines has no releases.
        named: paths or digests (at least 7 digits) of releases; empty takes the archive of
            each use case that was built last in `build/releases/`.
        use_cases: use cases to plan; empty takes all of the environment.
        open_store: opens the published releases, where digests are looked for that are not in
            `build/releases/`; None looks for them nowhere else.
        built: releases that were built just now, by their archives, which need not be read.

    Raises:
        ConfigError: a release is missing, its digest is ambiguous, or its use case is not planned
            here.
        BuildError: an archive cannot be read.
        RemoteError: the published releases cannot be read.
    """
    if not isinstance(environment, WorkloadEnvironment):
        if named or use_cases:
            raise ConfigError(f"environment {environment.environment} runs no pipelines")
        return ()
    wanted = _wanted(environment, use_cases)
    paths: list[Path]
    if named:
        paths = [_find(root, name, wanted, open_store) for name in named]
    else:
        paths = _last_built(root, wanted)
    found = [Selected(built.get(path) or Release.read(path), path) for path in paths]
    if named:
        releases = [selected.release for selected in found]
        _check(environment, releases, wanted, explicit=bool(use_cases))
    return tuple(sorted(found, key=lambda selected: selected.release.use_case))


def built_releases(
    root: Path, named: Sequence[str], use_cases: Sequence[str]
) -> tuple[Selected, ...]:
    """Return releases that lie in `build/releases/` or under a path, by use case.

    Args:
        root: top folder of the project.
        named: paths or digests (at least 7 digits) of releases.
        use_cases: use cases whose last built archive is taken.

    Raises:
        ConfigError: a release is missing, or its digest is ambiguous.
        BuildError: an archive cannot be read.
    """
    paths = [
        *(_find(root, name, (), None) for name in named),
        *_last_built(root, dict.fromkeys(use_cases)),
    ]
    found = [Selected(Release.read(path), path) for path in dict.fromkeys(paths)]
    return tuple(sorted(found, key=lambda selected: selected.release.use_case))


def _wanted(environment: WorkloadEnvironment, use_cases: Sequence[str]) -> list[str]:
    unknown = sorted(set(use_cases) - set(environment.use_cases))
    if unknown:
        raise ConfigError(
            f"environment {environment.environment} has no use case {', '.join(unknown)}",
            hint=f"it has: {', '.join(sorted(environment.use_cases)) or 'none'}",
        )
    return sorted(set(use_cases) or environment.use_cases)


def _check(
    environment: WorkloadEnvironment,
    releases: Iterable[Release],
    wanted: Iterable[str],
    *,
    explicit: bool,
) -> None:
    seen: set[str] = set()
    for release in releases:
        if release.use_case not in environment.use_cases:
            raise ConfigError(
                f"release {release.digest[:12]} is of use case {release.use_case}, "
                f"which environment {environment.environment} does not have",
                hint=f"add it to environments/{environment.environment}.tfvars.json",
            )
        if release.use_case in seen:
            raise ConfigError(f"two releases of use case {release.use_case} were given")
        seen.add(release.use_case)
    if explicit and seen != set(wanted):
        odd = ", ".join(sorted(seen ^ set(wanted)))
        raise ConfigError(f"--release and --use-case do not name the same use cases: {odd}")


def _find(root: Path, name: str, use_cases: Sequence[str], open_store: OpenStore | None) -> Path:
    if name.endswith(".tar") or "/" in name:
        return Path(name)
    found = sorted((root / FOLDER).glob(f"*-{name[:12]}*.tar")) if _is_digest(name) else []
    if not found and open_store and _is_digest(name):
        return _download(root, name, use_cases, open_store())
    if len(found) != 1:
        what = "no release" if not found else f"{len(found)} releases"
        raise ConfigError(
            f"{what} in {root / FOLDER} with digest {name!r}",
            hint="give the path of the archive, or more digits of the digest",
        )
    return found[0]


def _download(root: Path, name: str, use_cases: Sequence[str], store: ReleaseStore) -> Path:
    """Fetch the published release whose digest begins so; the archive's digests are verified."""
    found = [each for use_case in use_cases for each in store.digests(use_case, name)]
    if len(found) != 1:
        what = "no release" if not found else f"{len(found)} releases"
        raise ConfigError(
            f"{what} with digest {name!r} in {root / FOLDER} and among the published releases of "
            f"{', '.join(use_cases)}",
            hint="promote releases lists those that are published",
        )
    wanted = found[0]
    archive, _ = store.fetch(wanted.use_case, wanted.digest)
    path = root / FOLDER / f"{wanted.use_case}-{wanted.digest[:12]}.tar"
    write_whole(path, archive)
    release = Release.read(path)
    if (release.use_case, release.digest) != (wanted.use_case, wanted.digest):
        path.unlink()
        raise BuildError(
            f"{store.uri(wanted.use_case, wanted.digest)} holds another release: "
            f"{release.use_case} {release.digest[:12]}",
            hint="find out in CloudTrail who wrote it",
        )
    # As old as it is: what was built last is known by its time.
    published_at = wanted.published_at.timestamp()
    os.utime(path, (published_at, published_at))
    return path


def _is_digest(name: str) -> bool:
    return len(name) >= 7 and set(name) <= set("0123456789abcdef")  # noqa: PLR2004 - see above


def _last_built(root: Path, use_cases: Iterable[str]) -> list[Path]:
    """Return the archive of each use case that was built last, in the order given."""
    # A use case's name can be another's first part, so the digest's length decides.
    last: dict[str, tuple[int, str, Path]] = {}
    for path in (root / FOLDER).glob("*.tar"):
        if not (name := re.fullmatch(r"(.+)-[0-9a-f]{12}\.tar", path.name)):
            continue
        # Every build gives its archive the present time, also one that was there already.
        built = (path.stat().st_mtime_ns, path.name, path)
        last[name[1]] = max(last.get(name[1], built), built)
    for use_case in use_cases:
        if use_case not in last:
            raise ConfigError(
                f"there is no release of use case {use_case} in {root / FOLDER}",
                hint=f"build one: promote build {use_case}; or name it with --release",
            )
    return [last[use_case][2] for use_case in use_cases]
