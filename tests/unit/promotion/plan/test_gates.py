"""Gates on facts in memory."""

import importlib
import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from promotion.aws.errors import RemoteDenied
from promotion.config.load import ADAPTER
from promotion.errors import ProvenanceError
from promotion.plan.gates import Facts, Gate, check_gates, gate_names, gates
from promotion.plan.model import (
    Action,
    GateResult,
    Outcome,
    PipelineChange,
    PipelineState,
    ReleaseReference,
)
from promotion.plan.repository import CommitPlace
from promotion.releases.model import Evidence, Withdrawal
from promotion.terraform.summary import ResourceChange, TerraformSummary

ENVIRONMENTS = Path(__file__).resolve().parents[4] / "tests" / "environments"
ACCOUNT = "333333333333"
COMMIT, DIGEST = "c0ffee" * 6 + "c0ff", "d" * 64
RELEASE = ReleaseReference("mammography", DIGEST, COMMIT, dirty=False)
GROUP = "arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography"


@dataclass
class Account:
    """An account in memory."""

    roles: tuple[str, ...] = ("runner",)
    groups: tuple[str, ...] = (GROUP,)
    hidden: bool = False
    place: CommitPlace = CommitPlace.ON_MAIN
    running: tuple[str, ...] = ()
    doubts: dict[str, ProvenanceError] = field(default_factory=dict)
    shown: Evidence = field(default_factory=lambda: Evidence(("inference", "train"), ()))
    withdrawn: dict[str, Withdrawal] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def role_exists(self, role_name):
        self.asked.append(role_name)
        return role_name in self.roles

    def group_exists(self, group_arn):
        self.asked.append(group_arn)
        if self.hidden:
            raise RemoteDenied("no")
        return group_arn in self.groups

    def commit_place(self, git_commit):
        self.asked.append(git_commit)
        return self.place

    def running_executions(self, pipeline_name):
        self.asked.append(pipeline_name)
        return self.running

    def unproven(self, releases):
        self.asked.append(("provenance", *releases))
        return self.doubts

    def evidence(self, releases, environment):
        self.asked.append((environment, *releases))
        return {DIGEST: self.shown}

    def withdrawals(self, releases):
        self.asked.append(("withdrawals", *releases))
        return self.withdrawn


def environment_of(name, **changes):
    """Return an environment; `schedule` is that of its use case, the other keys are its own."""
    document = json.loads((ENVIRONMENTS / f"{name}.tfvars.json").read_text())
    if "schedule" in changes:
        document["use_cases"]["mammography"]["schedule"] = changes.pop("schedule")
    return ADAPTER.validate_json(json.dumps({**document, **changes}))


def facts(**changes):
    environment = environment_of("dev")
    state = PipelineState("{}", f"arn:aws:iam::{ACCOUNT}:role/runner", {})
    given = {
        "environment": environment,
        "account_id": ACCOUNT,
        "inconsistencies": (),
        "releases": (RELEASE,),
        "pipelines": (
            PipelineChange("mammography", "train", "t", Action.CREATE, state, None),
            PipelineChange("mammography", "inference", "i", Action.CREATE, state, None),
        ),
        "groups": {"mammography": GROUP},
        "terraform": None,
        "lookups": Account(),
    }
    return Facts(**{**given, **changes})


def trust(principal, **statement):
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": principal, **statement}]})


def result_of(gate, found):
    return next(result for result in check_gates(found) if result.gate == gate)


def outcomes(found):
    return {result.gate: result.outcome.value for result in check_gates(found)}


def test_gates__all_well__pass_and_are_named_after_their_files():
    assert outcomes(facts()) == dict.fromkeys(gate_names(), "passed")
    assert gate_names() == (
        "account-identity",
        "clean-commit",
        "environment-consistency",
        "evidence",
        "execution-role",
        "model-package-group",
        "pipeline-in-use",
        "pipeline-ownership",
        "provenance",
        "release-withdrawn",
        "role-trust",
        "running-execution",
        "schedule",
        "terraform-access",
        "terraform-destroys",
    )


def test_gates__each_module__declares_what_the_list_shows():
    for gate in gates():
        module = importlib.import_module(f"promotion.plan.gates.{gate.name.replace('-', '_')}")
        assert gate == Gate(module.GATE, module.SUMMARY, module.OVERRIDABLE)
        assert re.fullmatch(r"[a-z][^\n]{20,95}[^.]", gate.summary)
    assert [gate.name for gate in gates()] == list(gate_names())
    assert [gate.name for gate in gates() if not gate.overridable] == [
        "account-identity",
        "environment-consistency",
        "release-withdrawn",
        "running-execution",
        "terraform-access",
    ]


def test_gates__pipeline_that_stays_as_it_is__has_its_role_not_looked_up():
    first, second = facts().pipelines
    stays = replace(first, action=Action.UNCHANGED, former=first.desired)
    account = Account(roles=())
    found = facts(pipelines=(stays,), groups={}, lookups=account)
    assert result_of("execution-role", found) == GateResult(
        "execution-role", Outcome.PASSED, "no pipeline is written"
    )
    assert result_of("model-package-group", found).message == "no pipeline is written"
    assert account.asked.count("runner") == 0
    mixed = facts(pipelines=(stays, second), lookups=account)
    assert result_of("execution-role", mixed).outcome is Outcome.REFUSED


def test_gates__every_refusal__is_told_at_once():
    state = PipelineState("{}", f"arn:aws:iam::{ACCOUNT}:role/runner", {})
    found = facts(
        environment=environment_of(
            "dev",
            promotion={"require_clean_commit": True, "evidence_from": "prod"},
            schedule={"pipeline": "inference", "expression": "rate(1 day)"},
        ),
        releases=(replace(RELEASE, dirty=True),),
        pipelines=(
            PipelineChange("mammography", "train", "t", Action.UPDATE, state, former=state),
            PipelineChange("mammography", "inference", "i", Action.DELETE, None, former=state),
        ),
        account_id="999999999999",
        inconsistencies=("dev: a", "prod: b"),
        lookups=Account(
            roles=(),
            groups=(),
            running=("arn",),
            doubts={DIGEST: ProvenanceError("unsigned")},
            shown=Evidence(("train",), ("train",)),
            withdrawn={DIGEST: Withdrawal("now", "who", "why")},
        ),
        terraform=TerraformSummary(
            (
                ResourceChange("aws_kms_key.k", "aws_kms_key", "delete"),
                ResourceChange("module.access.aws_iam_role.r", "aws_iam_role", "update"),
                ResourceChange("aws_iam_role.r", "aws_iam_role", "update", trust=trust("*")),
            )
        ),
    )
    assert outcomes(found) == dict.fromkeys(gate_names(), "refused")


def test_account_identity__other_account__names_both():
    assert result_of("account-identity", facts(account_id="999999999999")) == GateResult(
        "account-identity",
        Outcome.REFUSED,
        f"dev is account {ACCOUNT}, but the credentials lead to 999999999999",
        "use credentials of the right account, or correct account_id in the environment's file",
    )


def test_execution_role__used_by_two_pipelines__is_looked_up_once():
    account = Account()
    check_gates(facts(lookups=account))
    assert account.asked == ["runner", GROUP, ("withdrawals", RELEASE)]


def test_execution_role__terraform_makes_it__is_deferred_and_not_looked_up():
    account = Account(roles=())
    made = TerraformSummary((ResourceChange("a", "aws_iam_role", "create", "runner"),))
    found = facts(lookups=account, terraform=made)
    assert result_of("execution-role", found) == GateResult(
        "execution-role", Outcome.DEFERRED, "Terraform creates runner"
    )
    assert account.asked == [GROUP, ("withdrawals", RELEASE)]


def test_execution_role__terraform_makes_another__is_refused():
    other = TerraformSummary((ResourceChange("a", "aws_iam_role", "create", "other"),))
    found = facts(lookups=Account(roles=()), terraform=other)
    assert result_of("execution-role", found).outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    ("account", "message"),
    [
        (Account(groups=()), f"mammography: {GROUP} does not exist"),
        (Account(hidden=True), f"mammography: account {ACCOUNT} may not see {GROUP}"),
    ],
)
def test_model_package_group__missing_or_hidden__is_refused(account, message):
    found = result_of("model-package-group", facts(lookups=account))
    assert (found.outcome, found.message) == (Outcome.REFUSED, message)


@pytest.mark.parametrize(
    "type_",
    [
        "aws_s3_bucket",
        "aws_kms_key",
        "aws_dynamodb_table",
        "aws_sagemaker_model_package_group",
        "aws_sagemaker_feature_group",
    ],
)
@pytest.mark.parametrize("action", ["delete", "replace"])
def test_terraform_destroys__something_with_state__is_refused(type_, action):
    plan = TerraformSummary((ResourceChange("m.x", type_, action),), has_changes=True)
    found = result_of("terraform-destroys", facts(terraform=plan))
    assert (found.outcome, found.message) == (
        Outcome.REFUSED,
        f"Terraform would destroy m.x ({action})",
    )


def test_terraform_destroys__a_policy_or_an_update__passes():
    plan = TerraformSummary(
        (
            ResourceChange("m.p", "aws_s3_bucket_policy", "replace"),
            ResourceChange("m.b", "aws_s3_bucket", "update"),
        ),
        has_changes=True,
    )
    assert result_of("terraform-destroys", facts(terraform=plan)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("name", "address", "refused"),
    [
        ("dev", "module.access.module.jenkins_access.aws_iam_role.deploy", True),
        ("dev", 'module.access.module.jenkins_access.aws_iam_policy.deploy["storage"]', True),
        ("dev", "module.access.module.state_backend.aws_s3_bucket.this", True),
        ("dev", "module.access.module.log_bucket.module.storage.aws_s3_bucket_policy.this", True),
        ("tooling", "module.access.module.jenkins_access.aws_iam_role.jenkins[0]", True),
        ("registry", 'module.access.module.people_access[0].aws_iam_role.this["approver"]', True),
        ("dev", "module.workload.module.access.aws_iam_role.deploy", False),
        ("dev", "module.access_log.aws_sns_topic.this", False),
        ("dev", "module.jenkins_access.aws_iam_role.deploy", False),
    ],
)
def test_terraform_access__change_of_the_access_module__is_refused(name, address, refused):
    environment = ADAPTER.validate_json((ENVIRONMENTS / f"{name}.tfvars.json").read_text())
    plan = TerraformSummary((ResourceChange(address, "aws_iam_role", "update"),), has_changes=True)
    found = result_of("terraform-access", facts(environment=environment, terraform=plan))
    assert found == (
        GateResult(
            "terraform-access",
            Outcome.REFUSED,
            f"Terraform would change who may enter the account: {address} (update)",
            f"an administrator of account {ACCOUNT} runs `promote bootstrap {name}`",
        )
        if refused
        else GateResult("terraform-access", Outcome.PASSED, "the access module stays as it is")
    )


def test_gates__no_pipelines__ask_nothing():
    account = Account(roles=(), groups=())
    found = facts(
        environment=environment_of("prod"),
        account_id="444444444444",
        lookups=account,
        releases=(),
        pipelines=(),
        groups={},
    )
    assert set(outcomes(found).values()) == {"passed"}
    assert account.asked == []


def test_gates__results__are_json():
    assert json.dumps([result.outcome for result in check_gates(facts())])


@pytest.mark.parametrize(
    "policy",
    [
        trust("*"),
        trust({"AWS": "*"}),
        trust({"AWS": "999999999999"}),
        trust({"AWS": ["arn:aws:iam::444444444444:root", "arn:aws:iam::999999999999:role/x"]}),
        trust({"AWS": "AROAEXAMPLE"}),
        trust({"Federated": "cognito-identity.amazonaws.com"}),
        trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/cross-account-jenkins-role"}),
        trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/jenkins-plan-role"}),
        trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/jenkins-build-role"}),
        trust({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/cross-account-jenkins-role/promote"}),
        json.dumps({"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}}}),
        json.dumps({"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": ACCOUNT}}]}),
        None,
    ],
)
@pytest.mark.parametrize("action", ["create", "update", "replace", "import"])
def test_role_trust__of_strangers_or_of_jenkins__is_refused(policy, action):
    change = ResourceChange("m.aws_iam_role.r", "aws_iam_role", action, "r", trust=policy)
    found = result_of("role-trust", facts(terraform=TerraformSummary((change,), has_changes=True)))
    assert found.outcome is Outcome.REFUSED
    assert "m.aws_iam_role.r: it" in found.message


@pytest.mark.parametrize(
    "policy",
    [
        "",
        trust({"Service": ["lambda.amazonaws.com", "events.amazonaws.com"]}),
        trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        trust({"AWS": ["444444444444", "arn:aws:iam::222222222222:role/reader"]}),
        trust("*", Effect="Deny"),
    ],
)
def test_role_trust__of_services_and_known_accounts__passes(policy):
    change = ResourceChange("m.aws_iam_role.r", "aws_iam_role", "create", "r", trust=policy)
    found = result_of("role-trust", facts(terraform=TerraformSummary((change,), has_changes=True)))
    assert found.outcome is Outcome.PASSED


def prod_facts(**changes):
    return facts(environment=environment_of("prod"), account_id="444444444444", **changes)


def test_clean_commit__on_main_and_clean__passes():
    account = Account()
    assert result_of("clean-commit", prod_facts(lookups=account)) == GateResult(
        "clean-commit", Outcome.PASSED, "c0ffeec on main"
    )
    assert COMMIT in account.asked


@pytest.mark.parametrize(
    ("release", "place", "message"),
    [
        (
            replace(RELEASE, dirty=True),
            CommitPlace.ON_MAIN,
            "release dddddddddddd has changes that are not in commit c0ffeec",
        ),
        (RELEASE, CommitPlace.ELSEWHERE, "commit c0ffeec of release dddddddddddd is not on main"),
        (
            RELEASE,
            CommitPlace.UNKNOWN,
            "commit c0ffeec of release dddddddddddd is unknown to this checkout",
        ),
        (
            RELEASE,
            CommitPlace.NO_MAIN,
            "commit c0ffeec of release dddddddddddd is in a checkout that has no branch main",
        ),
    ],
)
def test_clean_commit__dirty_or_not_on_main__is_refused(release, place, message):
    found = prod_facts(releases=(release,), lookups=Account(place=place))
    assert result_of("clean-commit", found) == GateResult(
        "clean-commit",
        Outcome.REFUSED,
        f"mammography: {message}",
        "merge the change to main, bring this checkout up to date with its whole history, and "
        "build the release there",
    )


def test_clean_commit__environment_does_not_demand_it__passes_and_asks_nothing():
    account = Account(place=CommitPlace.ELSEWHERE)
    found = facts(releases=(replace(RELEASE, dirty=True),), lookups=account)
    assert result_of("clean-commit", found) == GateResult(
        "clean-commit", Outcome.PASSED, "dev does not demand it"
    )
    assert COMMIT not in account.asked


def test_clean_commit__environment_that_says_nothing__demands_it():
    document = json.loads((ENVIRONMENTS / "dev.tfvars.json").read_text())
    del document["promotion"]
    environment = ADAPTER.validate_json(json.dumps(document))
    found = facts(environment=environment, lookups=Account(place=CommitPlace.ELSEWHERE))
    assert result_of("clean-commit", found).outcome is Outcome.REFUSED


def test_schedule__valid_and_in_the_release__passes_and_is_told():
    assert result_of("schedule", prod_facts()) == GateResult(
        "schedule", Outcome.PASSED, "mammography inference cron(0 6 * * ? *)"
    )


def test_schedule__release_lacks_the_pipeline__is_refused():
    train = facts().pipelines[:1]
    assert result_of("schedule", prod_facts(pipelines=train)) == GateResult(
        "schedule",
        Outcome.REFUSED,
        "mammography: the release has no pipeline inference",
        "correct the schedule in environments/prod.tfvars.json, or promote a release that has the "
        "pipeline",
    )


def test_schedule__expression_that_does_not_parse__is_refused_though_nothing_is_planned():
    environment = environment_of("prod")
    case = environment.use_cases["mammography"]
    broken = case.schedule.model_copy(update={"expression": "rate(1 days)"})
    case = case.model_copy(update={"schedule": broken})
    environment = environment.model_copy(update={"use_cases": {"mammography": case}})
    found = facts(environment=environment, releases=(), pipelines=())
    result = result_of("schedule", found)
    assert (result.outcome, result.message) == (
        Outcome.REFUSED,
        "mammography: rate(1 days): write rate(1 day)",
    )


def test_schedule__none__passes():
    assert result_of("schedule", facts()).message == "nothing is scheduled"


@pytest.mark.parametrize("tags", [{}, {"promotion:use_case": "mammography"}])
def test_pipeline_ownership__pipeline_without_our_mark__is_refused(tags):
    first, second = facts().pipelines
    foreign = replace(first, action=Action.UPDATE, former=replace(first.desired, tags=tags))
    assert result_of("pipeline-ownership", facts(pipelines=(foreign, second))) == GateResult(
        "pipeline-ownership",
        Outcome.REFUSED,
        "promote did not write t",
        "give the use case's pipelines other names, or remove those of the account; an override "
        "adopts them: their definitions are replaced",
    )


def test_pipeline_ownership__pipeline_of_an_earlier_release__passes():
    first, second = facts().pipelines
    tags = {"promotion:release": "e" * 64}
    ours = replace(first, action=Action.UPDATE, former=replace(first.desired, tags=tags))
    assert result_of("pipeline-ownership", facts(pipelines=(ours, second))) == GateResult(
        "pipeline-ownership", Outcome.PASSED, "promote wrote all 1 that exist"
    )
    assert result_of("pipeline-ownership", facts()).message == "no pipeline is replaced"


def deleted(key="inference"):
    state = PipelineState("{}", f"arn:aws:iam::{ACCOUNT}:role/runner", {"promotion:release": "a"})
    return PipelineChange("mammography", key, f"m-{key}", Action.DELETE, None, state)


def test_running_execution__something_runs__names_it():
    account = Account(running=("arn:a",))
    found = facts(pipelines=(deleted(),), lookups=account)
    assert result_of("running-execution", found) == GateResult(
        "running-execution",
        Outcome.REFUSED,
        "still running: arn:a",
        "wait for the executions to end, or stop them, and plan again",
    )
    assert "m-inference" in account.asked


def test_running_execution__nothing_is_deleted__asks_nothing():
    account = Account(running=("arn:a",))
    assert result_of("running-execution", facts(lookups=account)).outcome is Outcome.PASSED
    assert "t" not in account.asked


def test_running_execution__nothing_runs__passes():
    assert result_of("running-execution", facts(pipelines=(deleted(),))) == GateResult(
        "running-execution", Outcome.PASSED, "nothing runs of m-inference"
    )


@pytest.mark.parametrize(
    ("entry", "starter"),
    [
        ({"schedule": {"pipeline": "inference", "expression": "rate(1 day)"}},
         "the schedule rate(1 day)"),
        ({"retrain": {"pipeline": "inference", "cooldown_minutes": 5}}, "drift"),
        ({"start_on_approval": "inference"}, "an approval"),
    ],
)  # fmt: skip
def test_pipeline_in_use__something_starts_it__is_named(entry, starter):
    document = json.loads((ENVIRONMENTS / "dev.tfvars.json").read_text())
    document["use_cases"]["mammography"] |= entry
    environment = ADAPTER.validate_json(json.dumps(document))
    found = facts(environment=environment, pipelines=(deleted(), deleted("train")))
    result = result_of("pipeline-in-use", found)
    assert (result.outcome, result.message) == (Outcome.REFUSED, f"{starter} starts m-inference")
    kept = result_of("pipeline-in-use", facts(environment=environment))
    assert (kept.outcome, kept.message) == (Outcome.PASSED, "no pipeline is deleted")


def test_pipeline_in_use__use_case_not_in_the_file__passes():
    change = replace(deleted(), use_case="gone")
    assert result_of("pipeline-in-use", facts(pipelines=(change,))) == GateResult(
        "pipeline-in-use", Outcome.PASSED, "nothing starts what is deleted"
    )


def test_provenance__proved__passes_and_names_the_builder():
    account = Account()
    found = result_of("provenance", prod_facts(lookups=account))
    assert found == GateResult(
        "provenance", Outcome.PASSED, f"{DIGEST[:12]} signed by jenkins-build-role"
    )
    assert ("provenance", RELEASE) in account.asked


def test_provenance__not_proved__is_refused_with_the_reason_and_the_next_step():
    doubt = ProvenanceError("the archive was altered", hint="publish it again")
    found = result_of("provenance", prod_facts(lookups=Account(doubts={DIGEST: doubt})))
    assert found == GateResult(
        "provenance", Outcome.REFUSED, "the archive was altered", "publish it again"
    )


@pytest.mark.parametrize("gate", ["evidence", "provenance"])
def test_release_gates__environment_that_demands_nothing__ask_nothing(gate):
    account = Account()
    found = result_of(gate, facts(lookups=account))
    assert found == GateResult(gate, Outcome.PASSED, "dev does not demand it")
    assert [asked for asked in account.asked if isinstance(asked, tuple)] == [
        ("withdrawals", RELEASE)
    ]


@pytest.mark.parametrize("gate", ["evidence", "provenance", "release-withdrawn"])
def test_release_gates__no_releases__pass_and_ask_nothing(gate):
    account = Account()
    found = result_of(gate, prod_facts(releases=(), lookups=account))
    assert found == GateResult(gate, Outcome.PASSED, "no release is promoted")
    assert [asked for asked in account.asked if isinstance(asked, tuple)] == []


def test_provenance__store_that_may_not_be_read__is_an_error_and_no_pass():
    class Closed(Account):
        def unproven(self, releases):
            raise RemoteDenied("no")

    with pytest.raises(RemoteDenied):
        check_gates(prod_facts(lookups=Closed()))


def test_evidence__all_succeeded__passes_and_names_them():
    account = Account()
    found = result_of("evidence", prod_facts(lookups=account))
    assert found == GateResult(
        "evidence", Outcome.PASSED, "mammography: inference, train succeeded in dev"
    )
    assert ("dev", RELEASE) in account.asked


def test_evidence__one_pipeline_has_not_succeeded__is_refused():
    shown = Evidence(("inference", "train"), ("inference",))
    found = result_of("evidence", prod_facts(lookups=Account(shown=shown)))
    assert (found.outcome, found.message) == (
        Outcome.REFUSED,
        f"mammography: inference of release {DIGEST[:12]} has not succeeded in dev",
    )
    assert found.hint.startswith("apply the release to dev and run it there: promote run dev ")


def test_release_withdrawn__withdrawn__is_refused_everywhere():
    told = Withdrawal("2026-01-31T06:00:00.000000Z", "arn:aws:iam::1:user/x", "leaks the label")
    for found in (facts, prod_facts):
        result = result_of("release-withdrawn", found(lookups=Account(withdrawn={DIGEST: told})))
        assert (result.outcome, result.message) == (
            Outcome.REFUSED,
            f"mammography: release {DIGEST[:12]} was withdrawn at 2026-01-31T06:00:00.000000Z by "
            "arn:aws:iam::1:user/x: leaks the label",
        )
