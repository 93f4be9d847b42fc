"""What holds for any two releases: applied once the next plan is empty, failed nothing has changed.

The account is in memory; plan, checks and executor are the real ones.
"""

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promotion.apply.checks import check_pipelines
from promotion.apply.executor import AccountExecutor
from promotion.apply.perform import ApplyFailed, perform
from promotion.aws.errors import RemoteMissing
from promotion.aws.objects import Objects
from promotion.aws.pipelines import DeployedPipeline, Pipelines
from promotion.build.release import ResolvedPipeline, ResolvedRelease
from promotion.errors import RemoteError, StalePlan
from promotion.plan.actions import actions_of
from promotion.plan.compare import compare_release
from promotion.plan.model import Action, Plan
from promotion.plan.remote import state_of

MODIFIED_AT = datetime(2026, 1, 2, tzinfo=UTC)
FOREIGN = {"team": "imaging"}
NAMES = ("one", "two", "three")


class Killed(BaseException):
    """The process died: nothing of ours runs after it."""


class Account(Pipelines):
    """An account's pipelines; it may strike at a write, before or after the write has happened.

    Attributes:
        strike_at: number of the write at which `error` is raised; 0 for none.
        late: whether the write has happened by then.
        then: number of a later write at which the process dies; 0 for none.
    """

    def __init__(self):
        super().__init__(None, "1" * 12)
        self.found = {}
        self.strike_at, self.late, self.error = 0, False, Killed()
        self.then = 0
        self.writes = 0

    def arns(self):
        return {name: name for name in self.found}

    def descriptions(self):
        return {name: description for name, (_, _, _, description) in self.found.items()}

    def tags(self, arn):
        return dict(self.found[arn][2])

    def describe(self, name):
        if name not in self.found:
            raise RemoteMissing("there is none")
        definition_json, role_arn, _, description = self.found[name]
        return DeployedPipeline(name, name, definition_json, role_arn, description, MODIFIED_AT)

    def create(self, name, definition_json, role_arn, tags, description):
        self._write(name, (definition_json, role_arn, {**tags}, description))

    def update(self, name, definition_json, role_arn, description):
        former, _, tags, _ = self.found[name]
        self._write(name, (definition_json or former, role_arn, tags, description))

    def delete(self, name):
        self._write(name, None)

    def add_tags(self, arn, tags):
        definition_json, role_arn, former, description = self.found[arn]
        self._write(arn, (definition_json, role_arn, {**former, **tags}, description))

    def remove_tags(self, arn, keys):
        definition_json, role_arn, former, description = self.found[arn]
        gone = set(keys)
        left = {key: value for key, value in former.items() if key not in gone}
        self._write(arn, (definition_json, role_arn, left, description))

    def _write(self, name, state):
        self.writes += 1
        if self.writes == self.then:
            raise Killed
        strikes = self.writes == self.strike_at
        if strikes and not self.late:
            raise self.error
        if state is None:
            del self.found[name]
        else:
            self.found[name] = state
        if strikes:
            raise self.error

    def plan(self, release):
        former = {name: state_of(self.describe(name)) for name in self.found}
        changes = compare_release(release, former, read_before=lambda _: None)
        return Plan("dev", "1" * 12, "eu-west-1", "0" * 64, pipelines=changes)

    def apply(self, plan):
        """Check and carry out what is left of a plan, as `make_ready` and `perform` do."""
        done = check_pipelines(plan, {name: self.describe(name) for name in self.found})
        left = [action for action in actions_of(plan) if action.change.name not in done]
        executor = AccountExecutor(self, Objects(None, "1" * 12), {}, None)
        return perform(left, executor, say=lambda _: None)


def resolved(digest, commit, pipelines):
    return ResolvedRelease(
        use_case="mammography",
        digest=digest * 64,
        git_commit=commit * 40,
        pipelines=tuple(
            ResolvedPipeline(name, name, role, json.dumps(definition, sort_keys=True))
            for name, (role, definition) in sorted(pipelines.items())
        ),
        code_objects=(),
        code={},
    )


definitions = st.fixed_dictionaries(
    {"Steps": st.lists(st.fixed_dictionaries({"Name": st.sampled_from("ab")}), max_size=2)},
    optional={"Version": st.sampled_from(["1", "2"])},
)
releases = st.builds(
    resolved,
    st.sampled_from("ab"),
    st.sampled_from("cd"),
    st.dictionaries(
        st.sampled_from(NAMES), st.tuples(st.sampled_from(["r", "s"]), definitions), min_size=1
    ),
)
strikes = st.tuples(st.integers(1, 7), st.booleans())


def account_with(release):
    account = Account()
    account.apply(account.plan(release))
    for name, (definition_json, role_arn, tags, description) in account.found.items():
        account.found[name] = (definition_json, role_arn, {**tags, **FOREIGN}, description)
    account.writes = 0
    return account


@given(releases, releases)
def test_apply__any_release_over_any_other__makes_the_next_plan_empty(first, second):
    account = account_with(first)
    account.apply(account.plan(second))
    again = account.plan(second)
    assert {change.action for change in again.pipelines} == {Action.UNCHANGED}
    assert actions_of(again) == ()
    account.writes = 0
    account.apply(again)
    assert account.writes == 0
    foreign = {name for name, (_, _, tags, _) in account.found.items() if "team" in tags}
    assert foreign == {pipeline.name for pipeline in first.pipelines}


@given(releases, releases, strikes)
def test_apply__killed_at_any_write__the_same_plan_ends_as_if_nothing_was(first, second, strike):
    undisturbed = account_with(first)
    undisturbed.apply(undisturbed.plan(second))
    account = account_with(first)
    plan = account.plan(second)
    account.strike_at, account.late = strike
    with contextlib.suppress(Killed):
        account.apply(plan)
    account.strike_at = 0
    account.apply(plan)
    assert account.found == undisturbed.found


@given(releases, releases, strikes)
def test_apply__any_write_fails__leaves_every_pipeline_as_it_was(first, second, strike):
    account = account_with(first)
    before = dict(account.found)
    account.strike_at, account.late = strike
    account.error = RemoteError("denied")
    try:
        account.apply(account.plan(second))
    except ApplyFailed:
        assert account.found == before
    else:
        assert account.writes < account.strike_at


@given(releases, releases, strikes, st.integers(1, 4))
def test_apply__killed_while_it_takes_back__the_same_plan_goes_on(first, second, fails, later):
    """The worst: a write fails, and the process is killed while pipelines are being restored."""
    undisturbed = account_with(first)
    undisturbed.apply(undisturbed.plan(second))
    account = account_with(first)
    plan = account.plan(second)
    account.strike_at, account.late = fails
    account.error = RemoteError("denied")
    account.then = account.strike_at + later
    with contextlib.suppress(Killed, ApplyFailed):
        account.apply(plan)
    account.strike_at = account.then = 0
    account.apply(plan)
    assert account.found == undisturbed.found


def test_apply__pipeline_that_is_neither_before_nor_after__is_refused():
    first = resolved("a", "c", {"one": ("r", {"Steps": []})})
    second = resolved("b", "d", {"one": ("r", {"Steps": [{"Name": "a"}]})})
    account = account_with(first)
    plan = account.plan(second)
    definition_json, _, tags, description = account.found["one"]
    account.found["one"] = (definition_json, "another", tags, description)
    with pytest.raises(StalePlan) as caught:
        account.apply(plan)
    assert caught.value.problems == ("one was changed, at 2026-01-02 00:00:00 UTC",)
    assert account.writes == 0
