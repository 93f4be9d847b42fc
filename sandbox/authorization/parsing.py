"""From the text of a policy to its statements.

Pure. What AWS would refuse, and what the sandbox does not evaluate, is an error. Grammar:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from sandbox.authorization.conditions import parse_conditions
from sandbox.authorization.errors import PolicyError
from sandbox.authorization.patterns import Template, parse_template
from sandbox.authorization.principals import Principals, parse_principals
from sandbox.authorization.statement import Statement

if TYPE_CHECKING:
    from sandbox.authorization.statement import Effect

_VERSIONS = {"2012-10-17": True, "2008-10-17": False}
"""Whether a version of the language knows policy variables; 2008 is the default.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
"""
_DOCUMENT = frozenset(("Version", "Id", "Statement"))
_EITHER = frozenset(("Principal", "Action", "Resource"))
_STATEMENT = _EITHER | {f"Not{name}" for name in _EITHER} | {"Sid", "Effect", "Condition"}
_ACTION = re.compile(r"\*|\*:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_IDENTITY_SID = re.compile(r"[A-Za-z0-9]*")
# The service's part takes no wildcard, and variables stand behind the fifth colon only.
_RESOURCE = re.compile(r"\*|arn:[^:$]+:[a-z0-9-]+:[^:$]*:[^:$]*:.*", re.DOTALL)


def parse_statements(text: str) -> tuple[Statement, ...]:
    """Parse a policy's text.

    Raises:
        PolicyError: See the module's docstring; without the policy's name.
    """
    document = _decode(text)
    _refuse_unknown(document, _DOCUMENT, "the policy")
    version = document.get("Version", "2008-10-17")
    if version not in _VERSIONS:
        raise PolicyError(f"Version {version} is not known")
    found = document.get("Statement")
    raw = found if isinstance(found, list) else [found]
    if not raw or not all(isinstance(item, dict) for item in raw):
        raise PolicyError("Statement is neither an object nor a list of objects")
    statements = tuple(
        _located(item, index, variables=_VERSIONS[version]) for index, item in enumerate(raw)
    )
    _refuse_mixture(statements)
    return statements


def _decode(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise PolicyError(f"not JSON: {error}") from error
    if not isinstance(document, dict):
        raise PolicyError("not a JSON object")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise PolicyError(f"{', '.join(sorted(twice))} stands twice in one object")
    return dict(pairs)


def _refuse_unknown(found: dict[str, Any], known: frozenset[str], where: str) -> None:
    unknown = set(found) - known
    if unknown:
        raise PolicyError(f"{where} has the unknown element {', '.join(sorted(unknown))}")


def _refuse_mixture(statements: tuple[Statement, ...]) -> None:
    sids = [statement.sid for statement in statements]
    twice = {sid for sid in sids if sids.count(sid) > 1}
    if twice:
        raise PolicyError(f"Sid {', '.join(sorted(twice))} is not unique")
    if len({statement.principals is None for statement in statements}) > 1:
        raise PolicyError("some statements name a principal and some do not")


def _located(raw: dict[str, Any], index: int, *, variables: bool) -> Statement:
    sid = raw.get("Sid") or f"#{index}"
    try:
        return _statement(raw, str(sid), variables=variables)
    except PolicyError as error:
        raise PolicyError(f"statement {sid}: {error.problem}") from error


def _statement(raw: dict[str, Any], sid: str, *, variables: bool) -> Statement:
    _refuse_unknown(raw, _STATEMENT, "it")
    effect = raw.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"Effect {effect} is neither Allow nor Deny")
    principals, not_principal = _principals(raw, effect)
    if principals is None and not _IDENTITY_SID.fullmatch(raw.get("Sid", "")):
        raise PolicyError("a Sid of an identity policy has letters and digits only")
    actions, not_action = _either(raw, "Action", required=True)
    resources, not_resource = _either(raw, "Resource", required=principals is None)
    return Statement(
        sid=sid,
        effect=cast("Effect", effect),
        actions=actions,
        patterns=tuple(_action(action) for action in actions),
        not_action=not_action,
        resources=tuple(_resource(one, variables) for one in resources) or None,
        not_resource=not_resource,
        principals=principals,
        not_principal=not_principal,
        conditions=parse_conditions(raw.get("Condition", {}), variables=variables),
    )


def _either(raw: dict[str, Any], name: str, *, required: bool) -> tuple[tuple[str, ...], bool]:
    """Return the values of an element or of its ``Not`` form, and which of the two it is."""
    given = [each for each in (name, f"Not{name}") if each in raw]
    if not given and not required:
        return (), False
    if len(given) != 1:
        raise PolicyError(f"it needs either {name} or Not{name}")
    values = raw[given[0]]
    items = values if isinstance(values, list) else [values]
    if not items or not all(isinstance(item, str) for item in items):
        raise PolicyError(f"{given[0]} is neither text nor a list of texts")
    return tuple(items), given[0] != name


def _action(text: str) -> str:
    if not _ACTION.fullmatch(text):
        raise PolicyError(f"action {text} is not of the form service:Action")
    pattern = parse_template(text.lower(), variables=False).constant
    return cast("str", pattern)


def _resource(text: str, variables: bool) -> Template:
    if not _RESOURCE.fullmatch(text):
        raise PolicyError(f"resource {text} is neither an ARN nor *")
    return parse_template(text, variables=variables)


def _principals(raw: dict[str, Any], effect: str) -> tuple[Principals | None, bool]:
    if "Principal" not in raw and "NotPrincipal" not in raw:
        return None, False
    if "Principal" in raw and "NotPrincipal" in raw:
        raise PolicyError("it needs either Principal or NotPrincipal")
    if "Principal" in raw:
        return parse_principals(raw["Principal"]), False
    if effect == "Allow":
        # "Using it with Effect: Allow is not supported."
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
        raise PolicyError("NotPrincipal goes with Deny only")
    return parse_principals(raw["NotPrincipal"]), True
