"""Imports a use case's modules from source, under the name `pipelines.<use case>.<module>`.

Reads the folder `pipelines/`; writes and calls nothing. Compiled files are not used, so that what
is built is what is read.
"""

import builtins
import importlib
import sys
import types
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from typing import Any


class UseCaseLoader(SourceFileLoader):
    """Executes a module with some standard modules replaced, and without compiled files."""

    def __init__(self, name: str, path: str, replaced: Mapping[str, types.ModuleType]) -> None:
        """Keep what is replaced."""
        super().__init__(name, path)
        self._replaced = replaced

    def get_code(self, fullname: str) -> types.CodeType:
        """Compile the source."""
        path = self.get_filename(fullname)
        code: types.CodeType = self.source_to_code(self.get_data(path), path)
        return code

    def exec_module(self, module: types.ModuleType) -> None:
        """Execute the module with its own `__import__`."""
        replaced = self._replaced

        def import_(name: str, *arguments: Any, **named: Any) -> types.ModuleType:
            return replaced.get(name) or builtins.__import__(name, *arguments, **named)

        vars(module)["__builtins__"] = {**vars(builtins), "__import__": import_}
        super().exec_module(module)


class UseCaseFinder:
    """Finds modules as Python does, and gives those below a folder the `UseCaseLoader`.

    Args:
        folder: the folder `pipelines`.
        replaced: standard modules that use cases get others for, by name.
    """

    def __init__(self, folder: Path, replaced: Mapping[str, types.ModuleType]) -> None:
        """Keep folder and replacements."""
        self._prefix = f"{folder}/"
        self._replaced = replaced

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return the module's spec, or None when it is not found."""
        spec = PathFinder.find_spec(fullname, path, target)
        origin = spec.origin if spec else None
        if spec and origin and origin.startswith(self._prefix) and origin.endswith(".py"):
            spec.loader = UseCaseLoader(fullname, origin, self._replaced)
        return spec


def prepare(folder: Path, use_case: str, replaced: Mapping[str, types.ModuleType]) -> None:
    """Make `pipelines` mean a folder, whatever is installed, and a use case's modules importable.

    Args:
        folder: the folder `pipelines`.
        use_case: its modules can be imported by their bare names too, after everything else.
        replaced: standard modules that use cases get others for, by name.
    """
    package = types.ModuleType("pipelines")
    package.__path__ = [str(folder)]
    sys.modules["pipelines"] = package
    sys.path.append(str(folder / use_case))
    finder: Any = UseCaseFinder(folder, replaced)
    sys.meta_path.insert(sys.meta_path.index(PathFinder), finder)


def load_callable(use_case: str, source: str) -> Any:
    """Import the module of a source such as "train.py:pipeline" and return what it names.

    Raises:
        AttributeError: the module has no such name.
    """
    file, _, attribute = source.partition(":")
    name = file.removesuffix(".py").replace("/", ".")
    return getattr(importlib.import_module(f"pipelines.{use_case}.{name}"), attribute)
