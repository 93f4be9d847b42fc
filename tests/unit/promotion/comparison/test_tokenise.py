"""Tokens put back into what an environment resolved."""

from hypothesis import given, settings
from hypothesis import strategies as st

from promotion.build.tokens import substitute
from promotion.comparison.tokenise import (
    OWN,
    differing,
    equal_as_they_are,
    tokenise,
    without_own_parameters,
)

DEV = {"env.environment": "dev", "env.account_id": "333", "env.bucket": "acme-dev-data"}
PROD = {"env.environment": "prod", "env.account_id": "444", "env.bucket": "acme-prod-data"}


def test_differing__same_empty_and_missing_values__are_left_out():
    one = {"a": "1", "b": "2", "c": "", "d": "4"}
    assert differing(one, {"a": "1", "b": "3", "c": "9"}) == ({"b": "2"}, {"b": "3"})


def test_tokenise__longest_value_first__and_only_where_it_stands_alone():
    value = {"a": ["s3://acme-dev-data/x", "device", "my-dev", "dev_1"], "b": 333, "c": "33333"}
    assert tokenise(value, DEV) == {
        "a": ["s3://${env.bucket}/x", "device", "my-${env.environment}", "${env.environment}_1"],
        "b": 333,
        "c": "33333",
    }


def test_tokenise__one_value_of_two_tokens__takes_the_first_by_name():
    assert tokenise("x", {"b": "x", "a": "x"}) == "${a}"


def test_tokenise__no_values__leaves_everything():
    assert tokenise({"a": "dev"}, {}) == {"a": "dev"}


def test_equal_as_they_are__by_chance_one_environments_value__is_equal():
    assert equal_as_they_are("is ${env.environment}", DEV, "is dev", PROD)
    assert not equal_as_they_are("is ${env.environment}", DEV, "is ${env.environment}", PROD)


def test_equal_as_they_are__other_tokens__stay():
    assert equal_as_they_are("${unknown}", DEV, "${unknown}", PROD)


def test_own_parameters__default__is_the_environments_own():
    declared = [{"Name": "A", "DefaultValue": 1}, {"Name": "B", "DefaultValue": 2}, "odd"]
    found = without_own_parameters({"Parameters": declared, "Steps": []}, {"A"})
    assert found["Parameters"] == [{"Name": "A", "DefaultValue": OWN}, declared[1], "odd"]
    assert without_own_parameters({"Steps": []}, {"A"}) == {"Steps": []}


_TEXTS = st.lists(
    st.sampled_from([*DEV.values(), *PROD.values(), "x", "-", "/", ":", "{"]), max_size=6
).map("".join)


@settings(deadline=None)
@given(_TEXTS)
def test_tokenise__then_substitute__is_the_same_text(text):
    assert substitute(tokenise(text, DEV), DEV) == text


_PARTS = st.sampled_from(["${env.bucket}", "${env.account_id}", "${env.environment}", "x", "/"])


@settings(deadline=None)
@given(st.lists(_PARTS).map("-".join))
def test_tokenise__what_two_environments_resolved__is_equal(text):
    assert tokenise(substitute(text, DEV), DEV) == tokenise(substitute(text, PROD), PROD)
