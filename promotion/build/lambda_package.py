"""The zip of the Lambda functions: the handlers' sources, the same bytes on any machine.

Reads `promotion/handlers/*.py` and what they share with the command: the ledger's records, and the
checks on a model version with what reads for them. That is code which needs nothing besides boto3.
Writes one file; each release carries the same bytes.
"""

import hashlib
import io
import zipfile
from functools import cache
from pathlib import Path

from promotion.build.files import write_whole
from promotion.errors import BuildError

# The earliest moment that a zip can hold.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
HANDLERS = "promotion/handlers"
SHARED = (
    "promotion/ledger/*.py",
    "promotion/registry/checks/*.py",
    *(f"promotion/registry/{name}.py" for name in ("__init__", "collect", "reports", "wording")),
    *(f"promotion/releases/{name}.py" for name in ("__init__", "model")),
    *(
        f"promotion/aws/{name}.py"
        for name in (
            "__init__", "errors", "fanout", "ledger", "model_packages", "objects", "releases",
            "throttling",
        )
    ),
    "promotion/errors.py",
)  # fmt: skip
PACKAGE_FILES = ("promotion/__init__.py", f"{HANDLERS}/__init__.py")
# The folder that holds the `promotion/` that is running.
BUILDER = Path(__file__).resolve().parents[2]


def package_handlers(root: Path, out_dir: Path) -> Path:
    """Write the Lambda package and return its path.

    Args:
        root: folder that holds `promotion/`.
        out_dir: folder to write into; made if needed.

    Returns:
        `out_dir/<first 12 digits of the zip's SHA-256>.zip`.

    Raises:
        BuildError: the folder has no handlers, or the zip cannot be written.
    """
    body = handlers_zip(root)
    path = out_dir / f"{hashlib.sha256(body).hexdigest()[:12]}.zip"
    write_whole(path, body)
    return path


@cache
def own_package() -> bytes:
    """Return the Lambda package of the promote that is running, which a release carries."""
    return handlers_zip(BUILDER)


def handlers_zip(root: Path) -> bytes:
    """Return the Lambda package.

    Raises:
        BuildError: the folder has no handlers.
    """
    buffer = io.BytesIO()
    # Stored, because the bytes of a compressed member depend on the zlib of the machine.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as package:
        for name in function_files(root):
            member = zipfile.ZipInfo(name, ZIP_EPOCH)
            member.create_system, member.external_attr = 3, 0o644 << 16
            package.writestr(member, (root / name).read_bytes())
    return buffer.getvalue()


def function_files(root: Path) -> list[str]:
    """Return the paths of the files in the Lambda package, sorted.

    Raises:
        BuildError: the folder has no handlers.
    """
    handlers = {
        f"{HANDLERS}/{path.name}"
        for path in (root / HANDLERS).glob("*.py")
        if path.name != "__init__.py"
    }
    if not handlers:
        raise BuildError(
            f"{root / HANDLERS} has no handlers", hint="run in the project's folder or pass --root"
        )
    shared = {
        path.relative_to(root).as_posix() for pattern in SHARED for path in root.glob(pattern)
    }
    return sorted({*PACKAGE_FILES, *handlers, *shared})
