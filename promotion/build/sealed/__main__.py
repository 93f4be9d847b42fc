"""`python -m promotion.build.sealed REQUEST RESULT`: definitions of one use case, sealed.

Reads the request (JSON: pipelines_folder, use_case, sources, shift_seconds) and the use case's
folder; writes the result (JSON: definitions, problems, read). Calls nothing outside.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from promotion.build.sealed.clock import shift_time, shifted_datetime
from promotion.build.sealed.guard import Guard
from promotion.build.sealed.modules import load_callable, prepare
from promotion.build.sealed.places import Places
from promotion.build.sealed.reads import Reads


class NoDefinitionError(Exception):
    """What a pipeline's callable returned is not a definition."""


def main(request_path: Path, result_path: Path) -> None:
    """Obtain every definition that is asked for; a failing one does not stop the others."""
    request = json.loads(request_path.read_text(encoding="utf-8"))
    folder = Path(request["pipelines_folder"])
    places = Places(folder)
    guard = Guard(places)
    guard.install()
    reads = Reads(folder)
    reads.install()
    shift = request["shift_seconds"]
    if shift:
        shift_time(shift)
    replaced = {"datetime": shifted_datetime(shift)} if shift else {}
    prepare(folder, request["use_case"], replaced)
    definitions: dict[str, Any] = {}
    problems: dict[str, list[str]] = {}
    for key, source in request["sources"].items():
        seen = len(guard.refused)
        try:
            definitions[key] = _definition(load_callable(request["use_case"], source))
        # Whatever the use case raises is for the report; SystemExit is a BaseException.
        except (Exception, SystemExit) as error:
            problems[key] = [_told(places, error)]
        if refused := guard.refused[seen:]:
            problems[key] = refused
    result = {"definitions": definitions, "problems": problems, "read": sorted(reads.names)}
    result_path.write_text(json.dumps(result), encoding="utf-8")


def _definition(author: Callable[[], Any]) -> Any:
    made = author()
    if callable(getattr(made, "definition", None)):
        made = made.definition()
    try:
        document = json.loads(made if isinstance(made, str) else json.dumps(made, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise NoDefinitionError(
            f"{author.__name__}() returned {type(made).__name__}, not a definition: {error}"
        ) from error
    if not isinstance(document, dict):
        raise NoDefinitionError(f"{author.__name__}() returned no JSON object")
    return document


def _told(places: Places, error: BaseException) -> str:
    place = places.of_traceback(error.__traceback__)
    if isinstance(error, SyntaxError):
        place = places.of_file(error.filename or "", error.lineno) or place
    what = f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
    return f"{place}: {what}" if place else what


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
