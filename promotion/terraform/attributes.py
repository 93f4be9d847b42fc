"""Which attributes of a resource a saved Terraform plan changes. Pure.

A value is shown as Terraform shows it: a sensitive one never, one that is not known before the
apply as such. Text that is JSON, as policies are, is compared field by field.

Source of the format: https://developer.hashicorp.com/terraform/internals/json-format#change-representation
"""

import json
from collections.abc import Mapping
from itertools import islice, zip_longest
from typing import Any

from promotion.changes import FieldChange, diff_values, same

UNKNOWN = "(known after apply)"
SENSITIVE = "(sensitive value)"
NEW_SENSITIVE = "(sensitive value, another one)"

# A plan is for people; the plan file's terraform/plan.json has everything.
MOST = 100


def changed_attributes(change: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Return what changes of a resource, at most MOST + 1 fields, so that more can be told.

    Args:
        change: the `change` of an entry of `resource_changes`; one that creates or deletes changes
            no attribute.
    """
    before, after = change.get("before"), change.get("after")
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return ()
    hidden = _either(change.get("before_sensitive"), change.get("after_sensitive"))
    whole = _with_unknown(after, change.get("after_unknown"))
    fields = diff_values(_shown(before, hidden, before), _shown(whole, hidden, before))
    return tuple(islice(fields, MOST + 1))


def _with_unknown(value: Any, unknown: Any) -> Any:
    """Return a value with UNKNOWN where it is not known; Terraform leaves that out."""
    if unknown is True:
        return UNKNOWN
    if not unknown:
        return value
    if isinstance(unknown, Mapping):
        known = value if isinstance(value, Mapping) else {}
        return {**known, **{key: _with_unknown(known.get(key), unknown[key]) for key in unknown}}
    if isinstance(unknown, list):
        entries = value if isinstance(value, list) else []
        return [_with_unknown(*pair) for pair in zip_longest(entries, unknown)]
    return value


def _either(one: Any, other: Any) -> Any:
    """Return the marks that one or the other has: true, or marks by key or place."""
    if one is True or other is True:
        return True
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {key: _either(one.get(key), other.get(key)) for key in {*one, *other}}
    if isinstance(one, list) and isinstance(other, list):
        return [_either(mark, second) for mark, second in zip_longest(one, other)]
    return one or other


def _shown(value: Any, hidden: Any, former: Any) -> Any:
    """Return a value as it may be shown, texts that are JSON as what they say.

    Args:
        value: the value.
        hidden: marks of what is sensitive.
        former: the value before, to tell whether a sensitive one changes.
    """
    if hidden is True:
        return SENSITIVE if same(value, former) else NEW_SENSITIVE
    if isinstance(value, Mapping):
        marks = hidden if isinstance(hidden, Mapping) else {}
        old = former if isinstance(former, Mapping) else {}
        return {key: _shown(value[key], marks.get(key), old.get(key)) for key in value}
    if isinstance(value, list):
        each_marks = hidden if isinstance(hidden, list) else []
        each_old = former if isinstance(former, list) else []
        return [_shown(*three) for three in zip_longest(value, each_marks, each_old)][: len(value)]
    return _parsed(value) if isinstance(value, str) else value


def _parsed(text: str) -> Any:
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
