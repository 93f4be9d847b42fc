"""What a saved Terraform plan changes of a resource: shown, hidden, unknown, and policies."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promotion.changes import FieldChange, Kind
from promotion.plan.model import Plan
from promotion.plan.render import render_plan
from promotion.terraform.attributes import MOST, changed_attributes
from promotion.terraform.summary import TerraformSummary, summarize


def changed(before, after, **marks):
    return changed_attributes({"before": before, "after": after, **marks})


def field(path, before, after):
    return FieldChange(path, Kind.CHANGED, before, after)


def test_attributes__plain_values__before_and_after():
    before = {"name": "t", "delay": 5, "tags": {"a": "1", "b": "2"}}
    after = {"name": "t", "delay": 6, "tags": {"a": "1", "c": "3"}}
    assert changed(before, after) == (
        field("delay", 5, 6),
        FieldChange("tags.b", Kind.REMOVED, before="2"),
        FieldChange("tags.c", Kind.ADDED, after="3"),
    )


@pytest.mark.parametrize(("before", "after"), [(None, {"name": "t"}), ({"name": "t"}, None)])
def test_attributes__created_or_deleted__are_none(before, after):
    assert changed(before, after) == ()


def test_attributes__unknown__are_said_to_be_known_after_apply():
    before = {"arn": "a", "rules": [{"id": "1", "days": 5}], "name": "t"}
    after = {"rules": [{"days": 5}], "name": "t"}
    unknown = {"arn": True, "rules": [{"id": True}], "made": True}
    assert changed(before, after, after_unknown=unknown) == (
        field("arn", "a", "(known after apply)"),
        FieldChange("made", Kind.ADDED, after="(known after apply)"),
        field("rules[0].id", "1", "(known after apply)"),
    )


def test_attributes__unknown_marks_that_are_empty__change_nothing():
    values = {"list": None, "map": None, "filled": [{"a": 1}], "keyed": {"a": 1}}
    marks = {"list": [], "map": {}, "filled": [{}], "keyed": {}}
    assert changed(values, values, after_unknown=marks) == ()


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("new", [True, False])
def test_attributes__sensitive__are_never_shown(old, new):
    before = {"secret": "hunter2", "deep": [{"key": "abc"}], "same": "quiet"}
    after = {"secret": "hunter3", "deep": [{"key": "xyz"}], "same": "quiet"}
    marks = {"secret": True, "deep": [{"key": True}], "same": True}
    if not old and not new:
        return
    found = changed(
        before,
        after,
        before_sensitive=marks if old else {},
        after_sensitive=marks if new else False,
    )
    hidden = ("(sensitive value)", "(sensitive value, another one)")
    assert found == (field("deep[0].key", *hidden), field("secret", *hidden))
    told = json.dumps([(each.before, each.after) for each in found])
    assert not any(word in told for word in ("hunter", "abc", "xyz", "quiet"))


def test_attributes__sensitive_and_new__is_hidden():
    found = changed({}, {"secret": "hunter2"}, after_sensitive={"secret": True})
    assert found == (FieldChange("secret", Kind.ADDED, after="(sensitive value, another one)"),)


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


READ = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
WRITE = {"Sid": "Write", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}


def test_attributes__policy__is_compared_field_by_field():
    narrow = {**READ, "Resource": "arn:aws:s3:::b/*"}
    assert changed({"policy": policy(READ)}, {"policy": policy(WRITE, narrow)}) == (
        FieldChange("policy.Statement[Write]", Kind.ADDED, after=WRITE),
        field("policy.Statement[Read].Resource", "*", "arn:aws:s3:::b/*"),
    )


def test_attributes__policy_spaced_otherwise__is_the_same():
    loose = json.dumps(json.loads(policy(READ)), indent=2)
    assert changed({"policy": policy(READ)}, {"policy": loose}) == ()


def test_attributes__sensitive_policy__is_hidden_whole():
    marks = {"policy": True}
    found = changed({"policy": policy(READ)}, {"policy": policy(WRITE)}, before_sensitive=marks)
    assert found == (field("policy", "(sensitive value)", "(sensitive value, another one)"),)


def test_attributes__text_that_only_looks_like_json__is_text():
    assert changed({"v": "{a}"}, {"v": "[b]"}) == (field("v", "{a}", "[b]"),)


def updated(address, before, after, actions=("update",), **change):
    return {
        "address": address, "mode": "managed", "type": "aws_x",
        "change": {"actions": list(actions), "before": before, "after": after, **change},
    }  # fmt: skip


def test_summarize__many_attributes__keeps_a_bounded_number_and_says_so():
    before, after = ({f"k{i:03}": value for i in range(MOST + 5)} for value in (1, 2))
    plan = {"resource_changes": [updated("aws_x.a", before, after)]}
    [change] = summarize(plan, has_changes=True).changes
    assert (len(change.attributes), change.more) == (MOST, True)


def test_summarize__replaced__tells_what_forces_it():
    paths = [["bucket"], ["rule", 0, "name"]]
    resource = updated(
        "aws_x.a", {"bucket": "a"}, {"bucket": "b"}, ("delete", "create"), replace_paths=paths
    )
    [change] = summarize({"resource_changes": [resource]}, has_changes=True).changes
    assert (change.attributes, change.more) == ((field("bucket", "a", "b"),), False)
    assert change.forced_by == ("bucket", "rule.0.name")


def test_render__terraform__shows_attributes_under_their_resource():
    many = {f"k{i:03}": 1 for i in range(25)}
    plan = {
        "resource_changes": [
            updated("aws_x.a", {"delay": 5}, {"delay": 6}),
            updated("aws_x.b", {"n": "a"}, {"n": "b"}, ("create", "delete"), replace_paths=[["n"]]),
            updated("aws_x.c", many, dict.fromkeys(many, 2)),
        ]
    }
    terraform: TerraformSummary = summarize(plan, has_changes=True)
    lines = [
        line.text for line in render_plan(Plan("dev", "3" * 12, "r", "f", terraform=terraform))
    ]
    at = lines.index("Terraform")
    assert lines[at + 1 : at + 9] == [
        "  1 to add, 2 to change, 1 to destroy",
        "  ~ aws_x.a",
        "      ~ delay: 5 → 6",
        "  ± aws_x.b",
        "      ~ n: a → b",
        "      replaced because of n",
        "  ~ aws_x.c",
        "      ~ k000: 1 → 2",
    ]
    assert "      ~ k019: 1 → 2" in lines
    assert "      ~ k020: 1 → 2" not in lines
    assert "      … more attributes; terraform/plan.txt in the plan file has all" in lines


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=3), _JSON, max_size=4), _JSON)
def test_attributes__nothing_changes__whatever_is_hidden__is_none(values, marks):
    assert changed(values, values, before_sensitive=marks, after_sensitive=marks) == ()
