"""Which releases a plan is about. Reads release archives in `build/releases/`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from promotion.build.release import Release
from promotion.config import Environment, WorkloadEnvironment
from promotion.errors import ConfigError

FOLDER = Path("build") / "releases"


@dataclass(frozen=True)
class Selected:
    """A release and the archive it was read from."""

    release: Release
    path: Path


def select_releases(
    root: Path, environment: Environment, named: Sequence[str], use_cases: Sequence[str]
) -> tuple[Selected, ...]:
    """Return the releases to plan, by use case.

    Args:
        root: top folder of the project.
        environment: the environment; one that runs no pipelines has no releases.
        named: paths or digests (at least 8 digits) of releases; empty takes the archive of
            each use case that was built last in `build/releases/`.
        use_cases: use cases to plan; empty takes all of the environment.

    Raises:
        ConfigError: a release is missing, its digest is ambiguous, or its use case is not planned
            here.
        BuildError: an archive cannot be read.
    """
    if not isinstance(environment, WorkloadEnvironment):
        if named or use_cases:
            raise ConfigError(f"environment {environment.environment} runs no pipelines")
        return ()
    wanted = _wanted(environment, use_cases)
    paths = [_find(root, name) for name in named] if named else _last_built(root, wanted)
    found = [Selected(Release.read(path), path) for path in paths]
    if named:
        releases = [selected.release for selected in found]
        _check(environment, releases, wanted, explicit=bool(use_cases))
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


def _find(root: Path, name: str) -> Path:
    if name.endswith(".tar") or "/" in name:
        return Path(name)
    found = sorted((root / FOLDER).glob(f"*-{name[:12]}*.tar")) if _is_digest(name) else []
    if len(found) != 1:
        what = "no release" if not found else f"{len(found)} releases"
        raise ConfigError(
            f"{what} in {root / FOLDER} with digest {name!r}",
            hint="give the path of the archive, or more digits of the digest",
        )
    return found[0]


def _is_digest(name: str) -> bool:
    return len(name) >= 8 and set(name) <= set("0123456789abcdef")  # noqa: PLR2004 - see above


def _last_built(root: Path, use_cases: Iterable[str]) -> list[Path]:
    """Return the archive of each use case that was built last, in the order given."""
    # A use case's name can be another's first part, so the digest's length decides.
    last: dict[str, tuple[int, str, Path]] = {}
    for path in (root / FOLDER).glob("*.tar"):
        if not (name := re.fullmatch(r"(.+)-[0-9a-f]{12}\.tar", path.name)):
            continue
        # Every build writes its archive anew, also one whose digest was there already.
        built = (path.stat().st_mtime_ns, path.name, path)
        last[name[1]] = max(last.get(name[1], built), built)
    for use_case in use_cases:
        if use_case not in last:
            raise ConfigError(
                f"there is no release of use case {use_case} in {root / FOLDER}",
                hint=f"build one: promote build {use_case}; or name it with --release",
            )
    return [last[use_case][2] for use_case in use_cases]
