"""Parsing: what AWS would refuse, and what the sandbox does not evaluate, is an error.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
from typing import Any

import pytest

from sandbox.authorization.errors import PolicyError
from sandbox.authorization.evaluate import Caller, Policies, Request, StatementRef, evaluate
from sandbox.authorization.policy import Removed, parse_policy

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
GRANT = {**ALLOW, "Principal": "*"}
ANN = Caller("111111111111", "arn:aws:iam::111111111111:user/ann", "user")


def document(*statements: Any, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


def asks(action: str, resource: str = "arn:aws:s3:::data/a") -> Request:
    return Request(ANN, action, resource, "111111111111", {})


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ("{", "policy p: not JSON: "),
        ("[]", "policy p: not a JSON object"),
        ('{"Version": "2012-10-17", "Version": "2012-10-17"}', "policy p: Version stands twice"),
        (document(ALLOW, Comment="x"), "policy p: the policy has the unknown element Comment"),
        (document(ALLOW, Version="2020-01-01"), "policy p: Version 2020-01-01 is not known"),
        ({"Version": "2012-10-17"}, "policy p: Statement is neither an object nor a list"),
        (document(), "policy p: Statement is neither an object nor a list"),
        (document("x"), "policy p: Statement is neither an object nor a list"),
        (document({**ALLOW, "Sid": "A"}, {**ALLOW, "Sid": "A"}), "policy p: Sid A is not unique"),
        (document(ALLOW, GRANT), "policy p: some statements name a principal and some do not"),
        (document({**ALLOW, "Not": 1}), "policy p: statement #0: it has the unknown element Not"),
        (document(ALLOW, {**ALLOW, "Effect": "allow"}), "policy p: statement #1: Effect allow is"),
        (document({**ALLOW, "Sid": "no spaces"}), "statement no spaces: a Sid of an identity"),
        (document({**ALLOW, "NotAction": "*"}), "it needs either Action or NotAction"),
        (document({"Effect": "Allow", "Resource": "*"}), "it needs either Action or NotAction"),
        (document({"Effect": "Allow", "Action": "*"}), "it needs either Resource or NotResource"),
        (document({**ALLOW, "Action": []}), "Action is neither text nor a list of texts"),
        (document({**ALLOW, "Resource": {"a": 1}}), "Resource is neither text nor a list"),
        (document({**ALLOW, "Action": "GetObject"}), "action GetObject is not of the form"),
        (document({**ALLOW, "Action": "s*:Get"}), "action s*:Get is not of the form"),
        (document({**ALLOW, "Resource": "data"}), "resource data is neither an ARN nor *"),
        (document({**ALLOW, "Resource": "arn:aws:*:::a"}), "resource arn:aws:*:::a is neither"),
        (
            document({**ALLOW, "Resource": "arn:aws:s3::${aws:PrincipalAccount}:a"}),
            "resource arn:aws:s3::${aws:PrincipalAccount}:a is neither an ARN nor *",
        ),
        (
            document({**ALLOW, "Resource": "arn:aws:s3:::${aws:Unheard}"}),
            "statement #0: condition key aws:Unheard is not evaluated by the sandbox",
        ),
        (
            document({**ALLOW, "Condition": {"StringIs": {"aws:username": "a"}}}),
            "statement #0: condition operator StringIs is not evaluated by the sandbox",
        ),
        (document({**GRANT, "NotPrincipal": "*"}), "it needs either Principal or NotPrincipal"),
        (document({**ALLOW, "NotPrincipal": "*"}), "NotPrincipal goes with Deny only"),
        (
            document({**GRANT, "Principal": {"Federated": "cognito-identity.amazonaws.com"}}),
            "principal of type Federated is not evaluated by the sandbox",
        ),
        (
            document({**GRANT, "Principal": {"CanonicalUser": "79a5"}}),
            "principal of type CanonicalUser is not evaluated by the sandbox",
        ),
        (document({**GRANT, "Principal": "111111111111"}), "is neither * nor an object"),
        (document({**GRANT, "Principal": {}}), "principal {} is neither * nor an object"),
        (document({**GRANT, "Principal": {"AWS": 5}}), "principal 5 is not text"),
        (
            document({**GRANT, "Principal": {"AWS": "arn:aws:iam::111111111111:role/*"}}),
            "principal arn:aws:iam::111111111111:role/* is not an account, user, role or session",
        ),
        (
            document({**GRANT, "Principal": {"AWS": "AIDACKCEVSQ6C2EXAMPLE"}}),
            "principal AIDACKCEVSQ6C2EXAMPLE is not an account, user, role or session",
        ),
        (
            document({**GRANT, "Principal": {"Service": "*"}}),
            "* is not a service principal",
        ),
    ],
)
def test_parse_policy__malformed__names_policy_statement_and_problem(
    policy: Any, problem: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy("p", policy)
    assert str(caught.value).startswith("policy p: ")
    assert problem in str(caught.value)


def test_parse_policy__no_version__is_the_old_one_without_variables() -> None:
    resource = "arn:aws:s3:::${aws:Unheard}"
    policy = parse_policy("p", {"Statement": {**ALLOW, "Resource": resource}})
    allowed = evaluate(asks("s3:GetObject", resource), Policies(identity=(policy,)))
    assert allowed.statements == (StatementRef("p", "#0", "Allow"),)


def test_parse_policy__id_and_one_statement_without_list__is_read() -> None:
    policy = parse_policy("p", {"Id": "x", "Version": "2012-10-17", "Statement": GRANT})
    assert policy.resource_based
    assert evaluate(asks("s3:GetObject"), Policies(resource=policy)).layer == "resource"


def test_parse_policy__same_name_and_text__is_the_same_object() -> None:
    text = json.dumps(document(ALLOW))
    assert parse_policy("p", text) is parse_policy("p", document(ALLOW))
    assert parse_policy("p", text) is not parse_policy("q", text)


def test_policies__principal_where_none_belongs__is_an_error() -> None:
    identity, resource = parse_policy("i", document(ALLOW)), parse_policy("r", document(GRANT))
    for wrong in ({"identity": (resource,)}, {"boundary": resource}, {"session": resource}):
        with pytest.raises(PolicyError, match="policy r: names a principal"):
            Policies(**wrong)  # type: ignore[arg-type]
    with pytest.raises(PolicyError, match="policy i: names no principal"):
        Policies(resource=identity)


@pytest.mark.parametrize(
    ("removed", "left"),
    [
        (Removed("p", "Both"), ["#1", "Other"]),
        (Removed("p", "Both", "s3:Get*"), ["#1", "Other"]),
        (Removed("p", "Both", "s3:PutObject"), ["Both", "#1", "Other"]),
        (Removed("p", "#1"), ["Both", "Other"]),
        (Removed("p", "#1", "s3:GetObject"), ["Both", "Other"]),
        (Removed("p", "Other", "iam:*"), ["Both", "#1", "Other"]),
        (Removed("p", "Other"), ["Both", "#1"]),
        (Removed("q", "Both"), ["Both", "#1", "Other"]),
        (Removed("p", "Unheard"), ["Both", "#1", "Other"]),
    ],
)
def test_evaluate__without__leaves_the_other_statements(removed: Removed, left: list[str]) -> None:
    both = {**ALLOW, "Sid": "Both", "Action": ["s3:Get*", "s3:PutObject"]}
    other = {"Sid": "Other", "Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    policies = Policies(identity=(parse_policy("p", document(both, ALLOW, other)),))
    decision = evaluate(asks("s3:GetObject"), policies, without=frozenset({removed}))
    assert decision.statements == tuple(StatementRef("p", sid, "Allow") for sid in left)


def test_evaluate__without_the_last_statement__denies() -> None:
    policies = Policies(identity=(parse_policy("p", document(ALLOW)),))
    decision = evaluate(asks("s3:GetObject"), policies, without=frozenset({Removed("p", "#0")}))
    assert (decision.allowed, decision.layer) == (False, "identity")
    assert evaluate(asks("s3:GetObject"), policies).allowed
