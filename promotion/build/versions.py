"""Which versions build a release. Reads the metadata of the installed distributions."""

from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version

PROMOTE = "sagemaker-promotion"
SDK = "sagemaker"


def built_with(sources: Iterable[str], own: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the versions of what turns a use case's sources into a release.

    The lock file decides them, so releases that are built with the same one name the same.

    Args:
        sources: sources of the use case's pipelines: "train.py:pipeline" or "train.json".
        own: versions by distribution in the use case's own virtual environment, if it has one.

    Returns:
        Versions by the name of the distribution. The SDK is there if a source is Python and it is
        installed: a module may give its definition without it.
    """
    found = {PROMOTE: _version(PROMOTE)}
    if not all(source.endswith(".json") for source in sources):
        found[SDK] = _version(SDK) if own is None else own.get(SDK)
    return {name: version for name, version in found.items() if version}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
