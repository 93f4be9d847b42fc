"""The plan file: one archive with everything that an apply needs and nothing that it must guess.

Reads and writes plan files. Members: `manifest.json` (SHA-256 of every other member, environment,
account), `plan.json`, `releases/*.tar` of the releases of which anything is written, and where
Terraform is planned `handlers/*.zip` and, in `terraform/`, `terraform.tfplan`, `plan.json` and
`plan.txt`. The same members give the same bytes; the digest of a plan file is the SHA-256 of the
file.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promotion.errors import PromotionError
from promotion.plan.encode import plan_document, plan_from_document
from promotion.plan.model import Plan
from promotion.tar import pack

SUFFIX = ".plan"
MANIFEST = "manifest.json"
PLAN = "plan.json"
TERRAFORM_PLAN = "terraform/terraform.tfplan"
TERRAFORM_JSON = "terraform/plan.json"
TERRAFORM_TEXT = "terraform/plan.txt"
HANDLERS = "handlers/"
RELEASES = "releases/"


class PlanFileError(PromotionError):
    """A plan file cannot be read, or is not what was written."""


@dataclass(frozen=True)
class PlanFile:
    """A plan file that was read and verified.

    Attributes:
        path: where it is.
        digest: SHA-256 of the file, 64 hex digits.
        plan: what it does.
        members: content of every member but the manifest, by name.
    """

    path: Path
    digest: str
    plan: Plan
    members: Mapping[str, bytes]

    def under(self, prefix: str) -> dict[str, bytes]:
        """Return the members in a folder of the archive, by file name."""
        return {
            name.removeprefix(prefix): body
            for name, body in self.members.items()
            if name.startswith(prefix)
        }


def write_plan(path: Path, plan: Plan, parts: Mapping[str, bytes]) -> str:
    """Write a plan file and return its digest.

    Args:
        path: where to; folders are made.
        plan: the plan.
        parts: the other members by name.
    """
    members = {**parts, PLAN: _json(plan_document(plan))}
    manifest = {
        "schema_version": 1,
        "environment": plan.environment,
        "account_id": plan.account_id,
        "members": {name: _sha256(members[name]) for name in sorted(members)},
    }
    packed = [(MANIFEST, _json(manifest)), *sorted(members.items())]
    content = b"".join(pack(packed, tarfile.USTAR_FORMAT))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return _sha256(content)


def read_plan(path: Path) -> PlanFile:
    """Return a plan file after verifying every member.

    Raises:
        PlanFileError: the file is missing, cut short, altered or not a plan file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlanFileError(
            f"the plan file {path} cannot be read: {error.strerror}",
            hint="make one: promote plan ENVIRONMENT --out FILE",
        ) from error
    members = _unpack(path, content)
    manifest = _load(path, members.pop(MANIFEST, b""), MANIFEST)
    _verify(path, members, manifest)
    plan = plan_from_document(_load(path, members[PLAN], PLAN))
    if (plan.environment, plan.account_id) != (
        manifest.get("environment"),
        manifest.get("account_id"),
    ):
        raise _broken(path, "the manifest names another environment or account than the plan")
    return PlanFile(path=path, digest=_sha256(content), plan=plan, members=members)


def _unpack(path: Path, content: bytes) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for entry in archive:
                body = archive.extractfile(entry)
                if body is None or entry.name in members:
                    raise _broken(path, f"{entry.name} is not a plain file, or stands twice")
                members[entry.name] = body.read()
                if len(members[entry.name]) != entry.size:
                    raise _broken(path, f"{entry.name} is cut short")
    except tarfile.TarError as error:
        raise _broken(path, f"it is cut short or not a plan file ({error})") from error
    return members


def _verify(path: Path, members: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
    promised = manifest.get("members")
    if not isinstance(promised, dict) or PLAN not in promised:
        raise _broken(path, f"{MANIFEST} does not list its members")
    problems = [
        *(f"{name} is missing" for name in sorted(set(promised) - set(members))),
        *(f"{name} is not in the manifest" for name in sorted(set(members) - set(promised))),
        *(
            f"{name} was altered: its digest is not the manifest's"
            for name in sorted(set(members) & set(promised))
            if _sha256(members[name]) != promised[name]
        ),
    ]
    if problems:
        raise _broken(path, "its content is not what was planned", problems)


def _load(path: Path, body: bytes, name: str) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise _broken(path, f"{name} is missing or not JSON") from error
    if not isinstance(document, dict):
        raise _broken(path, f"{name} is not a JSON object")
    return document


def _broken(path: Path, what: str, problems: list[str] | None = None) -> PlanFileError:
    return PlanFileError(
        f"the plan file {path} cannot be used: {what}",
        problems=problems or (),
        hint="nothing was applied; make a new plan: promote plan ENVIRONMENT --out FILE",
    )


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).encode("utf-8")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
