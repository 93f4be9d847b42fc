"""Definitions compared: the diff is empty exactly when they are the same JSON."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promotion.plan.diff import diff_definitions
from promotion.plan.model import DefinitionDiff, FieldChange, ItemChange, Kind

scalars = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, "", "a"])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Name", "Key", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
steps = st.recursive(
    st.fixed_dictionaries(
        {"Name": st.sampled_from("abcd"), "Type": st.sampled_from(["Fail", "Condition"])},
        optional={"Arguments": values},
    ),
    lambda inner: st.fixed_dictionaries(
        {
            "Name": st.sampled_from("efgh"),
            "Type": st.just("Condition"),
            "Arguments": st.fixed_dictionaries(
                {}, optional={"IfSteps": st.lists(inner, max_size=2), "ElseSteps": values}
            ),
        }
    ),
    max_leaves=4,
)
definitions = st.fixed_dictionaries(
    {},
    optional={
        "Version": scalars,
        "Parameters": st.lists(
            st.fixed_dictionaries({"Name": st.sampled_from("ab"), "DefaultValue": scalars}),
            max_size=2,
        )
        | values,
        "Steps": st.lists(steps, max_size=3) | values,
    },
)


def canonical(value):
    return json.dumps(value, sort_keys=True)


@given(definitions)
def test_diff__equal_definitions__is_empty(definition):
    assert diff_definitions(definition, copy.deepcopy(definition)) == DefinitionDiff()


@given(definitions, definitions)
def test_diff__any_two__is_empty_exactly_when_their_json_is_the_same(before, after):
    assert bool(diff_definitions(before, after)) == (canonical(before) != canonical(after))


def step(name, type_="Processing", **arguments):
    return {"Name": name, "Type": type_, "Arguments": arguments}


def definition(*steps, parameters=()):
    return {"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)}


def test_diff__steps_added_removed_changed__are_told_by_field():
    before = definition(
        step("Preprocess", Inputs=[{"InputName": "data", "Uri": "a"}], Volume=10, Old=True),
        step("Gone"),
    )
    after = definition(
        step("Preprocess", Inputs=[{"InputName": "data", "Uri": "b"}], Volume=20, New=[1]),
        step("Come", "Fail"),
    )
    assert diff_definitions(before, after) == DefinitionDiff(
        steps=(
            ItemChange(
                "Preprocess",
                Kind.CHANGED,
                "Processing",
                (
                    FieldChange("Arguments.Inputs[data].Uri", Kind.CHANGED, "a", "b"),
                    FieldChange("Arguments.New", Kind.ADDED, after=[1]),
                    FieldChange("Arguments.Old", Kind.REMOVED, before=True),
                    FieldChange("Arguments.Volume", Kind.CHANGED, 10, 20),
                ),
            ),
            ItemChange("Come", Kind.ADDED, "Fail"),
            ItemChange("Gone", Kind.REMOVED, "Processing"),
        )
    )


def test_diff__step_in_a_branch__counts_as_a_step_of_its_own():
    def branching(*, fail_message, branch="ElseSteps"):
        return definition(
            step("Check", "Condition", **{branch: [step("Stop", "Fail", Error=fail_message)]})
        )

    change = FieldChange("Arguments.Error", Kind.CHANGED, "a", "b")
    assert diff_definitions(branching(fail_message="a"), branching(fail_message="b")).steps == (
        ItemChange("Stop", Kind.CHANGED, "Fail", (change,)),
    )
    moved = diff_definitions(
        branching(fail_message="a"), branching(fail_message="a", branch="IfSteps")
    )
    assert moved.steps[1] == ItemChange(
        "Stop",
        Kind.CHANGED,
        "Fail",
        (FieldChange("Branch", Kind.CHANGED, "Check.ElseSteps", "Check.IfSteps"),),
    )


def test_diff__parameters__by_name_and_field():
    def parameter(name, value):
        return {"Name": name, "Type": "Float", "DefaultValue": value}

    before = definition(parameters=[parameter("A", 1.0), parameter("B", 1)])
    after = definition(parameters=[parameter("A", 1.5), parameter("C", 1)])
    assert diff_definitions(before, after).parameters == (
        ItemChange(
            "A", Kind.CHANGED, "Float", (FieldChange("DefaultValue", Kind.CHANGED, 1.0, 1.5),)
        ),
        ItemChange("C", Kind.ADDED, "Float"),
        ItemChange("B", Kind.REMOVED, "Float"),
    )


@pytest.mark.parametrize(("before", "after"), [(1, 1.0), (1, True), (0, False), ("1", 1)])
def test_diff__values_that_python_takes_for_equal__differ(before, after):
    assert diff_definitions({"Version": before}, {"Version": after}).other == (
        FieldChange("Version", Kind.CHANGED, before, after),
    )


def test_diff__only_the_order_of_steps__is_told():
    before, after = definition(step("A"), step("B")), definition(step("B"), step("A"))
    assert diff_definitions(before, after).other == (
        FieldChange("order of Steps", Kind.CHANGED, ["A", "B"], ["B", "A"]),
    )
