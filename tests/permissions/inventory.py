"""What an account holds, by the names that people and other parts of the platform find it under.

Reads an account through clients of its administrator. The names stand here once more, derived from
the environment file and not from Terraform: a rename must be meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Inventory = dict[str, list[str]]

# Client, operation, key of the listing, key of the name; none of the listings has a second page.
LISTINGS = {
    "aliases": ("kms", "list_aliases", "Aliases", "AliasName"),
    "alarms": ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "buckets": ("s3", "list_buckets", "Buckets", "Name"),
    "dashboards": ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    "functions": ("lambda", "list_functions", "Functions", "FunctionName"),
    "groups": (
        "sagemaker",
        "list_model_package_groups",
        "ModelPackageGroupSummaryList",
        "ModelPackageGroupName",
    ),
    "instance profiles": (
        "iam",
        "list_instance_profiles",
        "InstanceProfiles",
        "InstanceProfileName",
    ),
    "log groups": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "queues": ("sqs", "list_queues", "QueueUrls", ""),
    "roles": ("iam", "list_roles", "Roles", "RoleName"),
    "rules": ("events", "list_rules", "Rules", "Name"),
    "tables": ("dynamodb", "list_tables", "TableNames", ""),
    "topics": ("sns", "list_topics", "Topics", "TopicArn"),
}
# Concerns of the policies of Jenkins' roles; the plan role reads access, and has no guards.
SHARED = ("events", "functions", "keys", "monitoring", "roles", "state", "storage")
CONCERNS = {
    "tooling": ("state",),
    "registry": (*SHARED, "registry"),
    "workload": (*SHARED, "pipelines"),
}


def found(client: Callable[[str], Any]) -> Inventory:
    """Return the sorted names of everything in an account, by kind."""
    names: Inventory = {}
    for kind, (service, operation, listing, key) in LISTINGS.items():
        answer = getattr(client(service), operation)()
        listed = [each[key] if key else each for each in answer.get(listing, [])]
        names[kind] = [
            name.replace("/", ":").rpartition(":")[2] if kind in {"queues", "topics"} else name
            for name in listed
        ]
    policies = client("iam").list_policies(Scope="Local", MaxItems=1000)["Policies"]
    names["policies"] = [policy["PolicyName"] for policy in policies]
    names["aliases"] = [name for name in names["aliases"] if not name.startswith("alias/aws/")]
    return {kind: sorted(listed) for kind, listed in names.items()}


def expected(settings: dict[str, Any]) -> Inventory:
    """Return the names of everything that an environment file asks for."""
    kind = settings["kind"]
    own: Inventory = {}
    if kind == "registry":
        own = _registry(settings)
    if kind == "workload":
        own = _workload(settings)
    roles = settings["roles"]
    access = {
        "buckets": list(settings["buckets"].values()),
        "policies": [
            f"{roles[role]}-{concern}"
            for role, extra in (("deploy", "guards"), ("plan", "access"))
            for concern in (*CONCERNS[kind], extra)
        ],
        "roles": [roles["deploy"], roles["plan"]],
    }
    if kind == "tooling":
        access["roles"] += [roles["jenkins"], roles["build"]]
        own["instance profiles"] = [roles["jenkins"]]
        own["aliases"] = [f"alias/{settings['project']}-release-signing"]
        own["log groups"] = ["jenkins-log"]
        own["topics"] = [f"{settings['project']}-jenkins-alerts"]
    if kind != "registry":
        access["buckets"].remove(settings["buckets"]["artifacts"])
    if kind != "tooling":
        access["policies"].append(f"{_prefix(settings)}-boundary")
    return {
        key: sorted([*access.get(key, []), *own.get(key, [])]) for key in (*LISTINGS, "policies")
    }


def _prefix(settings: dict[str, Any]) -> str:
    return f"{settings['project']}-{settings['environment']}"


def _registry(settings: dict[str, Any]) -> Inventory:
    prefix, roles = _prefix(settings), settings["roles"]
    writers = [f"ledger-{name}" for name in (*settings["linked_accounts"], "registry")]
    names = _with_functions_and_queues(
        settings,
        ["approval-review", "ledger", *writers],
        ["approval", "approval-review", "ledger"],
    )
    names["groups"] = [case["model_package_group"] for case in settings["use_cases"].values()]
    names["rules"] = [
        f"{prefix}-{name}" for name in ("approval", "approval-review", "ledger-decisions")
    ]
    names["roles"] += [roles["approver"], roles["auditor"], roles["break_glass"]]
    names["roles"].append(f"{roles['events']}-forward")
    names["tables"] = [settings["ledger"]["table"]]
    return names


def _workload(settings: dict[str, Any]) -> Inventory:
    prefix, roles, use_cases = _prefix(settings), settings["roles"], settings["use_cases"]
    retrains = any("retrain" in case for case in use_cases.values())
    scheduled = [name for name, case in use_cases.items() if "schedule" in case]
    functions = ["emit-drift", "notify", "record-execution", "resolve-batch", "resolve-model"]
    approved = [name for name, case in use_cases.items() if "start_on_approval" in case]
    queues = ["alerts", "record-execution", *(["schedule"] if scheduled else [])]
    queues += ["start-approved"] if approved else []
    rules = ["approval-alert", "drift-alert", "pipeline-failure", "record-execution"]
    if retrains:
        functions.append("start-retrain")
        queues.append("start-retrain")
        rules.append("retrain-on-drift")
    names = _with_functions_and_queues(settings, functions, queues)
    names["alarms"] += [
        f"{name}-{metric}" for name in names["functions"] for metric in ("errors", "throttles")
    ]
    for case in use_cases.values():
        names["alarms"] += [f"{prefix}-{name}-failed" for name in case["pipelines"].values()]
    names["dashboards"] = [prefix]
    names["log groups"] += [
        f"/aws/sagemaker/{name}" for name in ("ProcessingJobs", "TrainingJobs", "TransformJobs")
    ]
    names["log groups"].append("/aws/sagemaker/studio")
    names["roles"] += [f"{roles['execution']}-{name}" for name in use_cases]
    names["roles"] += [f"{roles['events']}-schedule"] if scheduled else []
    names["roles"] += [f"{roles['events']}-approval"] if approved else []
    names["rules"] = [f"{prefix}-{name}" for name in rules]
    names["rules"] += [f"{prefix}-{name}-schedule" for name in scheduled]
    names["rules"] += [f"{prefix}-{name}-approved" for name in approved]
    return names


def _with_functions_and_queues(
    settings: dict[str, Any], functions: list[str], queues: list[str]
) -> Inventory:
    """Return functions and queues with all that comes with each, and what both kinds have."""
    prefix, topic = _prefix(settings), settings["alerts"]["topic"]
    called = [f"{prefix}-{name}" for name in functions]
    queued = [f"{prefix}-{name}-dlq" for name in queues]
    return {
        "alarms": [f"{name}-not-empty" for name in queued],
        "aliases": [f"alias/{prefix}", f"alias/{prefix}-alerts"],
        "functions": called,
        "log groups": [f"/aws/lambda/{name}" for name in called],
        "queues": queued,
        "roles": [f"{settings['roles']['lambda']}-{name}" for name in functions],
        "topics": [topic],
    }
