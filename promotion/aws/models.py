"""AWS's service models, as botocore ships them, read in half the time.

Reads botocore's data files, and those of `AWS_DATA_PATH` and `~/.aws/models` as botocore does. Two
things of its loader take longer than all calls of a plan: it parses every file into ordered
dictionaries (plain ones are ordered too), megabytes for some services, and looks through the
folders of 400 services for each kind of file, only to say that a service is unknown.
https://botocore.amazonaws.com/v1/documentation/api/latest/reference/loaders.html
"""

import gzip
import os
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import orjson
from botocore.loaders import JSONFileLoader, Loader

_READ: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    (".json", bytes),
    (".json.gz", gzip.decompress),
)


class Models(Loader):
    """Finds and reads service models.

    Args:
        extra_search_paths: folders to look into before botocore's own.
    """

    def __init__(self, extra_search_paths: list[str]) -> None:
        """Keep the folders; nothing is read yet."""
        super().__init__(extra_search_paths, file_loader=_Files())

    def list_available_services(self, type_name: str) -> list[str]:
        """Return the services that have a folder, whatever is in it."""
        return self._services

    @cached_property
    def _services(self) -> list[str]:
        found: set[str] = set()
        for place in map(Path, self.search_paths):
            if place.is_dir():
                found.update(entry.name for entry in os.scandir(place) if entry.is_dir())
        return sorted(found)


class _Files(JSONFileLoader):
    def load_file(self, file_path: str) -> Any:
        """Return the content of a file, given without its ending; None where there is none."""
        for ending, unpacked in _READ:
            try:
                content = Path(f"{file_path}{ending}").read_bytes()
            except FileNotFoundError:
                continue
            return orjson.loads(unpacked(content))
        return None


@cache
def models(data_path: str | None) -> Models:
    """Return the models, which every session of the process shares, once for each data path.

    Args:
        data_path: value of `AWS_DATA_PATH`: folders, as in `PATH`.
    """
    folders = data_path.split(os.pathsep) if data_path else []
    return Models([os.path.expanduser(os.path.expandvars(folder)) for folder in folders])
