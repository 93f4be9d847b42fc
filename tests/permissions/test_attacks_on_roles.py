"""Attacks on roles: assuming what one may not, passing roles on, and widening one's own rights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sandbox.demo.story import USE_CASE

from .attack import denied, nothing, works_for

if TYPE_CHECKING:
    from .attack import Attacker, Ground

# One process applies the Terraform of all of these tests once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("estate")]

ASSUME = "sts:AssumeRole"
ALLOW_ALL = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
ENTRANCES = [
    ("tooling", "jenkins"),
    ("tooling", "deploy"),
    ("tooling", "plan"),
    ("tooling", "build"),
    ("registry", "deploy"),
    ("registry", "plan"),
    ("registry", "approver"),
    ("registry", "auditor"),
    ("registry", "break_glass"),
    ("prod", "deploy"),
    ("prod", "plan"),
]


@pytest.mark.parametrize(("environment", "key"), ENTRANCES)
def test_role__assumed_by_a_third_account__is_denied(
    ground: Ground, attacker: Attacker, environment: str, key: str
) -> None:
    """Dev's administrator, who may do everything in dev, becomes nobody in another account."""
    arn = ground.role_arn(environment, ground.role(environment, key))
    external_id = ground.settings[environment]["external_id"]
    denied(
        attacker.person("dev-admin"),
        lambda client: client.assume_role(
            RoleArn=arn, RoleSessionName="attack", ExternalId=external_id
        ),
        service="sts", action=ASSUME, resource=arn, state=nothing,
    )  # fmt: skip


@pytest.mark.parametrize("external_id", [None, "somebody-else", "acme-ml-jenkin?"])
@pytest.mark.parametrize("key", ["deploy", "plan"])
@pytest.mark.parametrize("environment", ["dev", "prod", "registry"])
def test_role__assumed_with_wrong_or_no_external_id__is_denied(
    ground: Ground, attacker: Attacker, environment: str, key: str, external_id: str | None
) -> None:
    """Jenkins himself is let in with the agreed ExternalId only."""
    arn = ground.role_arn(environment, ground.role(environment, key))
    jenkins = attacker.person("jenkins")
    given = {} if external_id is None else {"ExternalId": external_id}
    denied(
        jenkins,
        lambda client: client.assume_role(RoleArn=arn, RoleSessionName="attack", **given),
        service="sts", action=ASSUME, resource=arn, state=nothing,
    )  # fmt: skip
    agreed = ground.settings[environment]["external_id"]
    works_for(
        jenkins,
        lambda client: client.assume_role(RoleArn=arn, RoleSessionName="attack", ExternalId=agreed),
        service="sts",
    )


@pytest.mark.parametrize(
    ("person", "environment", "key"),
    [
        ("jenkins", "registry", "approver"),
        ("jenkins", "registry", "break_glass"),
        ("approver", "registry", "auditor"),
        ("approver", "registry", "break_glass"),
        ("approver", "registry", "deploy"),
        ("auditor", "registry", "approver"),
        ("auditor", "registry", "break_glass"),
        ("break-glass", "registry", "approver"),
        ("data-scientist", "registry", "approver"),
        ("data-scientist", "dev", "deploy"),
    ],
)
def test_role__assumed_by_the_wrong_person__is_denied(
    ground: Ground, attacker: Attacker, person: str, environment: str, key: str
) -> None:
    """Each role is for its own people: Jenkins does not approve, approvers do not deploy."""
    arn = ground.role_arn(environment, ground.role(environment, key))
    external_id = ground.settings[environment]["external_id"]
    denied(
        attacker.person(person),
        lambda client: client.assume_role(
            RoleArn=arn, RoleSessionName="attack", ExternalId=external_id
        ),
        service="sts", action=ASSUME, resource=arn, state=nothing,
    )  # fmt: skip


@pytest.mark.parametrize("who", ["administrator", "approver", "deploy", "plan", "build"])
def test_jenkins_role__assumed_by_another_than_jenkins__is_denied(
    ground: Ground, attacker: Attacker, who: str
) -> None:
    """Only Jenkins becomes itself for a stage: nobody else in its account, whatever his rights."""
    people = {"administrator": "tooling-admin", "approver": "approver"}
    actor = attacker.person(people[who]) if who in people else attacker.by_purpose("tooling", who)
    arn = ground.role_arn("tooling", ground.role("tooling", "jenkins"))
    denied(
        actor, lambda client: client.assume_role(RoleArn=arn, RoleSessionName="attack"),
        service="sts", action=ASSUME, resource=arn, state=nothing,
    )  # fmt: skip
    works_for(
        attacker.person("jenkins"),
        lambda client: client.assume_role(RoleArn=arn, RoleSessionName="stage"), service="sts",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "key", "suffix"),
    [
        ("dev", "execution", f"-{USE_CASE}"),
        ("prod", "lambda", "-start-retrain"),
        ("dev", "plan", ""),
    ],
)
def test_deploy_role__assumed_from_within_its_account__is_denied(
    ground: Ground, attacker: Attacker, environment: str, key: str, suffix: str
) -> None:
    """A pipeline, a function or the plan role does not become the deploy role of its account."""
    arn = ground.role_arn(environment, ground.role(environment, "deploy"))
    external_id = ground.settings[environment]["external_id"]
    denied(
        attacker.by_purpose(environment, key, suffix),
        lambda client: client.assume_role(
            RoleArn=arn, RoleSessionName="attack", ExternalId=external_id
        ),
        service="sts", action=ASSUME, resource=arn, state=nothing,
    )  # fmt: skip


def _functions(ground: Ground, environment: str) -> Any:
    listed = ground.admin("lambda", environment).list_functions()["Functions"]
    return sorted((each["FunctionName"], each["Role"]) for each in listed)


@pytest.mark.parametrize("key", ["execution", "deploy", "plan"])
def test_role__passed_to_lambda_though_not_meant_for_it__is_denied(
    ground: Ground, attacker: Attacker, key: str
) -> None:
    """Jenkins cannot hand the execution role, or his own, to a function that he writes."""
    suffix = f"-{USE_CASE}" if key == "execution" else ""
    role = ground.role_arn("dev", ground.role("dev", key, suffix))
    denied(
        attacker.by_purpose("dev", "deploy"),
        lambda client: client.update_function_configuration(
            FunctionName=ground.name("dev", "emit-drift"), Role=role
        ),
        service="lambda", action="iam:PassRole", resource=role,
        state=lambda: _functions(ground, "dev"),
    )  # fmt: skip


@pytest.mark.parametrize(("key", "suffix"), [("lambda", "-resolve-model"), ("deploy", "")])
def test_role__passed_to_sagemaker_though_not_meant_for_it__is_denied(
    ground: Ground, attacker: Attacker, key: str, suffix: str
) -> None:
    """A pipeline runs as its use case's execution role, as no other role of the account."""
    role = ground.role_arn("dev", ground.role("dev", key, suffix))
    pipelines = ground.settings["dev"]["use_cases"][USE_CASE]["pipelines"]
    admin = ground.admin("sagemaker", "dev")
    denied(
        attacker.by_purpose("dev", "deploy"),
        lambda client: client.update_pipeline(PipelineName=pipelines["train"], RoleArn=role),
        service="sagemaker", action="iam:PassRole", resource=role,
        state=lambda: admin.describe_pipeline(PipelineName=pipelines["train"])["RoleArn"],
    )  # fmt: skip


def test_execution_role__passed_to_sagemaker__works(ground: Ground, attacker: Attacker) -> None:
    """The same request with the role that is meant for it is granted."""
    role = ground.role_arn("dev", ground.role("dev", "execution", f"-{USE_CASE}"))
    pipelines = ground.settings["dev"]["use_cases"][USE_CASE]["pipelines"]
    works_for(
        attacker.by_purpose("dev", "deploy"),
        lambda client: client.update_pipeline(PipelineName=pipelines["train"], RoleArn=role),
        service="sagemaker",
    )


WIDENING = {
    "iam:PutRolePolicy": lambda client, role, policy: client.put_role_policy(
        RoleName=role, PolicyName="more", PolicyDocument=ALLOW_ALL
    ),
    "iam:AttachRolePolicy": lambda client, role, policy: client.attach_role_policy(
        RoleName=role, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    ),
    "iam:CreatePolicyVersion": lambda client, role, policy: client.create_policy_version(
        PolicyArn=policy, PolicyDocument=ALLOW_ALL, SetAsDefault=True
    ),
    "iam:UpdateAssumeRolePolicy": lambda client, role, policy: client.update_assume_role_policy(
        RoleName=role, PolicyDocument=ALLOW_ALL
    ),
    "iam:DetachRolePolicy": lambda client, role, policy: client.detach_role_policy(
        RoleName=role, PolicyArn=policy
    ),
    "iam:DeletePolicyVersion": lambda client, role, policy: client.delete_policy_version(
        PolicyArn=policy, VersionId="v1"
    ),
}


@pytest.mark.parametrize("action", WIDENING)
@pytest.mark.parametrize("environment", ["tooling", "registry", "dev", "prod"])
def test_deploy_role__widens_itself__is_denied(
    ground: Ground, attacker: Attacker, environment: str, action: str
) -> None:
    """Jenkins deploys everything but his own rights, which administrators change."""
    role = ground.role(environment, "deploy")
    attached = ground.admin("iam", environment).list_attached_role_policies(RoleName=role)
    policy = attached["AttachedPolicies"][0]["PolicyArn"]
    about_policy = action in ("iam:CreatePolicyVersion", "iam:DeletePolicyVersion")
    denied(
        attacker.by_purpose(environment, "deploy"),
        lambda client: WIDENING[action](client, role, policy),
        service="iam", action=action,
        resource=policy if about_policy else ground.role_arn(environment, role),
        state=lambda: ground.role_policies(environment, role),
    )  # fmt: skip


@pytest.mark.parametrize("key", ["plan", "approver", "auditor", "break_glass"])
def test_other_access_roles__widened_by_the_deploy_role__is_denied(
    ground: Ground, attacker: Attacker, key: str
) -> None:
    """Nor does he change who approves, audits, plans or breaks the glass."""
    role = ground.role("registry", key)
    denied(
        attacker.by_purpose("registry", "deploy"),
        lambda client: client.put_role_policy(
            RoleName=role, PolicyName="more", PolicyDocument=ALLOW_ALL
        ),
        service="iam", action="iam:PutRolePolicy", resource=ground.role_arn("registry", role),
        state=lambda: ground.role_policies("registry", role),
    )  # fmt: skip


BOUNDARY = {
    "iam:DeleteRolePermissionsBoundary": lambda client, role: (
        client.delete_role_permissions_boundary(RoleName=role)
    ),
    "iam:PutRolePermissionsBoundary": lambda client, role: client.put_role_permissions_boundary(
        RoleName=role, PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess"
    ),
}


@pytest.mark.parametrize("action", BOUNDARY)
@pytest.mark.parametrize(
    ("environment", "key", "suffix"),
    [("dev", "execution", f"-{USE_CASE}"), ("prod", "lambda", "-start-retrain")],
)
def test_boundary__taken_off_or_replaced_by_the_deploy_role__is_denied(
    ground: Ground, attacker: Attacker, *, environment: str, key: str, suffix: str, action: str
) -> None:
    """What Jenkins makes stays inside the boundary that an administrator drew."""
    role = ground.role(environment, key, suffix)
    denied(
        attacker.by_purpose(environment, "deploy"),
        lambda client: BOUNDARY[action](client, role),
        service="iam", action=action, resource=ground.role_arn(environment, role),
        state=lambda: ground.role_policies(environment, role),
    )  # fmt: skip


@pytest.mark.parametrize("boundary", [None, "arn:aws:iam::aws:policy/AdministratorAccess"])
def test_role__made_without_the_boundary__is_denied(
    ground: Ground, attacker: Attacker, boundary: str | None
) -> None:
    """A role that is not capped, or capped by something else, does not come into being."""
    name = ground.role("dev", "lambda", "-attack")
    trust = json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                       "Action": ASSUME}],
    })  # fmt: skip
    given = {} if boundary is None else {"PermissionsBoundary": boundary}

    def create(client: Any) -> None:
        client.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **given)

    denied(
        attacker.by_purpose("dev", "deploy"), create, service="iam", action="iam:CreateRole",
        resource=ground.role_arn("dev", name), state=lambda: ground.roles("dev"),
    )  # fmt: skip
    admin = attacker.person("dev-admin")
    works_for(admin, lambda client: client.create_role(
        RoleName=name, AssumeRolePolicyDocument=trust), service="iam")  # fmt: skip
    admin.client("iam").delete_role(RoleName=name)


def test_boundary_policy__rewritten_by_the_deploy_role__is_denied(
    ground: Ground, attacker: Attacker
) -> None:
    """The line itself is not Jenkins' to move."""
    policy = f"arn:aws:iam::{ground.account('dev')}:policy/{ground.name('dev', 'boundary')}"
    admin = ground.admin("iam", "dev")
    denied(
        attacker.by_purpose("dev", "deploy"),
        lambda client: client.create_policy_version(
            PolicyArn=policy, PolicyDocument=ALLOW_ALL, SetAsDefault=True
        ),
        service="iam", action="iam:CreatePolicyVersion", resource=policy,
        state=lambda: admin.list_policy_versions(PolicyArn=policy)["Versions"],
    )  # fmt: skip


def test_boundary__caps_a_role_that_the_deploy_role_lets_do_everything(
    ground: Ground, attacker: Attacker
) -> None:
    """Jenkins may write any policy into a function's role; it still becomes no administrator."""
    role = ground.role("dev", "lambda", "-emit-drift")
    deploy = attacker.by_purpose("dev", "deploy").client("iam")
    deploy.put_role_policy(RoleName=role, PolicyName="everything", PolicyDocument=ALLOW_ALL)
    try:
        caught = denied(
            attacker.role("dev", role),
            lambda client: client.create_user(UserName="attack"),
            service="iam", action="iam:CreateUser",
            resource=f"arn:aws:iam::{ground.account('dev')}:user/attack",
            state=lambda: ground.admin("iam", "dev").list_users()["Users"],
        )  # fmt: skip
        assert "permissions boundary" in str(caught)
    finally:
        deploy.delete_role_policy(RoleName=role, PolicyName="everything")


@pytest.mark.parametrize("action", ["iam:CreateUser", "iam:CreateAccessKey"])
def test_users_and_keys__made_by_the_deploy_role__are_denied(
    ground: Ground, attacker: Attacker, action: str
) -> None:
    """Jenkins makes no users and no long-lived keys."""
    name = {"iam:CreateUser": "attack", "iam:CreateAccessKey": "admin"}[action]
    admin = ground.admin("iam", "dev")
    requests = {
        "iam:CreateUser": lambda client: client.create_user(UserName=name),
        "iam:CreateAccessKey": lambda client: client.create_access_key(UserName=name),
    }
    denied(
        attacker.by_purpose("dev", "deploy"), requests[action], service="iam", action=action,
        resource=f"arn:aws:iam::{ground.account('dev')}:user/{name}",
        state=lambda: [
            [user["UserName"] for user in admin.list_users()["Users"]],
            admin.list_access_keys(UserName="admin")["AccessKeyMetadata"],
        ],
    )  # fmt: skip


def test_denial__of_a_role_that_does_not_exist__tells_no_more(
    ground: Ground, attacker: Attacker
) -> None:
    """Whoever guesses names learns nothing: a missing role is denied like one that refuses."""
    arn = ground.role_arn("prod", "no-such-role")
    with pytest.raises(ClientError, match="AccessDenied"):
        attacker.person("dev-admin").client("sts").assume_role(
            RoleArn=arn, RoleSessionName="attack"
        )
