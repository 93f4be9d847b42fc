"""Properties of plan and apply: any releases, edits by hand and failures; the account is moto's."""

import json
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from promotion.apply.checks import check_pipelines
from promotion.apply.executor import AccountExecutor
from promotion.apply.perform import ApplyFailed, perform
from promotion.aws.objects import Objects
from promotion.aws.pipelines import Pipelines
from promotion.build import resolve
from promotion.build.archive import new_release
from promotion.build.release import Release
from promotion.config.load import ADAPTER
from promotion.errors import RemoteError, StalePlan
from promotion.plan.actions import DeletePipeline, WritePipeline, actions_of
from promotion.plan.compare import compare_release
from promotion.plan.destroy import deletions, owned_pipelines
from promotion.plan.diff import diff_definitions
from promotion.plan.model import CodeUpload, Plan
from promotion.plan.remote import read_code, read_pipelines, read_remote

ENVIRONMENTS = Path(__file__).resolve().parents[4] / "tests" / "environments"
ACCOUNT, REGION, BUCKET = "333333333333", "eu-west-1", "acme-ml-dev-data"
NAMES = ("mammography-inference", "mammography-train")
pytestmark = pytest.mark.slow
# Each example makes some dozen calls; a loaded machine needs its time.
SETTINGS = settings(max_examples=20, deadline=None)


@cache
def environment():
    document = json.loads((ENVIRONMENTS / "dev.tfvars.json").read_text())
    document["use_cases"]["mammography"]["parameters"] = {}
    return ADAPTER.validate_json(json.dumps(document))


@cache
def client(service):
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(service, region_name=REGION, **keys)


class Account:
    """An account in moto, read and written through the real gateways."""

    def __init__(self):
        self.pipelines = Pipelines(client("sagemaker"), ACCOUNT)
        self.objects = Objects(client("s3"), ACCOUNT)
        client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )

    def state(self):
        """Return everything that is known of every pipeline, by name."""
        found = read_pipelines(self.pipelines, self.pipelines.arns())
        return {
            name: (
                json.loads(each.definition_json),
                each.role_arn,
                each.description,
                dict(self.pipelines.tags(each.arn)),
            )
            for name, each in found.items()
        }

    def plan(self, release):
        resolved = resolve(release, environment())
        remote = read_remote(self.pipelines, [each.name for each in resolved.pipelines], NAMES)
        changes = compare_release(
            resolved, remote.pipelines, read_before=lambda uri: read_code(self.objects, uri)
        )
        return self._plan(
            changes,
            tuple(
                CodeUpload(
                    item.bucket,
                    item.key,
                    item.sha256,
                    item.size_bytes,
                    present=self.objects.sha256(item.bucket, item.key) == item.sha256,
                )
                for item in resolved.code_objects
            ),
        )

    def destruction(self):
        owned = owned_pipelines(self.pipelines, "mammography", environment())
        return self._plan(deletions("mammography", owned, environment()), ())

    def _plan(self, changes, code):
        return Plan("dev", ACCOUNT, REGION, "f" * 64, pipelines=changes, code=code)

    def executor(self, release):
        resolved = resolve(release, environment())
        code = {item.sha256: resolved.code[item.path] for item in resolved.code_objects}
        return AccountExecutor(self.pipelines, self.objects, code, None)

    def apply(self, plan, release):
        done = check_pipelines(plan, read_pipelines(self.pipelines, self.pipelines.arns()))
        actions = [action for action in actions_of(plan) if not _is_done(action, done)]
        return perform(actions, self.executor(release), say=lambda _: None)


def _is_done(action, done):
    return isinstance(action, WritePipeline | DeletePipeline) and action.change.name in done


@contextmanager
def account():
    with mock_aws():
        yield Account()


class Breaks:
    """An executor whose connection breaks at the nth pipeline, before or after it is written."""

    def __init__(self, executor, at, *, written):
        self.executor, self.at, self.written = executor, at, written

    def __getattr__(self, name):
        return getattr(self.executor, name)

    def write(self, action):
        self._do(self.executor.write, action)

    def delete(self, action):
        self._do(self.executor.delete, action)

    def _do(self, carry_out, action):
        self.at -= 1
        if self.at or self.written:
            carry_out(action)
        if not self.at:
            raise RemoteError("the connection broke")


_VALUES = st.integers(0, 3) | st.sampled_from(["a", "${env.data_bucket}", "${release.digest}"])
_STEPS = st.dictionaries(
    st.sampled_from("ABC"), st.dictionaries(st.sampled_from("xyz"), _VALUES, max_size=2), max_size=3
)
_CODE = st.dictionaries(
    st.sampled_from(["steps/a.py", "steps/b.py"]), st.sampled_from([b"1\n", b"2\n"]), max_size=2
)


@st.composite
def releases(draw):
    code = draw(_CODE)
    definitions = {
        key: {
            "Version": "2020-12-01",
            "Parameters": [],
            "Steps": [
                {"Name": name, "Type": "Processing", "Arguments": arguments}
                for name, arguments in draw(_STEPS).items()
            ]
            + [
                {"Name": path, "Type": "Processing", "Arguments": {"Code": f"${{code.{path}}}"}}
                for path in code
            ],
        }
        for key in ("inference", "train")
    }
    return new_release(
        use_case="mammography",
        git_commit=draw(st.sampled_from(["c" * 40, "f" * 40])),
        dirty=False,
        built_with={},
        definitions=definitions,
        code=code,
        declaration=b"",
        functions=b"zip",
    )


def edit(target, kind):
    """Change a pipeline as somebody does in the console."""
    arns = target.pipelines.arns()
    name = NAMES[1]
    if name not in arns:
        return
    if kind == "definition":
        found = target.pipelines.describe(name)
        role = f"arn:aws:iam::{ACCOUNT}:role/r"
        target.pipelines.update(name, '{"Steps": [ ]}', role, found.description)
    elif kind == "spacing":
        found = target.pipelines.describe(name)
        text = json.dumps(json.loads(found.definition_json), indent=3)
        target.pipelines.update(name, text, found.role_arn, found.description)
    elif kind == "mark":
        found = target.pipelines.describe(name)
        target.pipelines.update(name, None, found.role_arn, "improved by hand")
    elif kind == "other tag":
        target.pipelines.add_tags(arns[name], {"team": "imaging"})
    elif kind == "deletion":
        target.pipelines.delete(name)


_EDITS = st.sampled_from(["definition", "spacing", "mark", "other tag", "deletion"])
_STEPS_TAKEN = st.lists(releases() | _EDITS, max_size=3)


def take(target, steps):
    """Bring an account into some state: applies and edits by hand."""
    for step in steps:
        if isinstance(step, Release):
            target.apply(target.plan(step), step)
        else:
            edit(target, step)


@SETTINGS
@given(releases())
def test_diff__of_equal_definitions__is_empty(release):
    for definition in release.definitions.values():
        assert not diff_definitions(definition, json.loads(json.dumps(definition)))


@SETTINGS
@given(_STEPS_TAKEN, releases())
def test_plan__after_its_apply__is_empty(steps, release):
    with account() as target:
        take(target, steps)
        target.apply(target.plan(release), release)
        assert actions_of(target.plan(release)) == ()


@SETTINGS
@given(_STEPS_TAKEN, releases(), releases())
def test_rollback__after_an_apply__restores_definitions_tags_and_roles(steps, earlier, later):
    with account() as target:
        take(target, steps)
        target.apply(target.plan(earlier), earlier)
        before = target.state()
        target.apply(target.plan(later), later)
        target.apply(target.plan(earlier), earlier)
        assert target.state() == before


@SETTINGS
@given(_STEPS_TAKEN, releases(), st.integers(1, 2), st.booleans())
def test_apply__broken_at_any_pipeline__leaves_what_was(steps, release, at, written):
    with account() as target:
        take(target, steps)
        before, plan = target.state(), target.plan(release)
        changed = sum(isinstance(action, WritePipeline) for action in actions_of(plan))
        if changed < at:
            return
        broken = Breaks(target.executor(release), at, written=written)
        with pytest.raises(ApplyFailed):
            perform(actions_of(plan), broken, say=lambda _: None)
        assert target.state() == before


@SETTINGS
@given(_STEPS_TAKEN, releases(), st.integers(0, 4))
def test_apply__killed_after_any_action__the_same_plan_goes_on(steps, release, number):
    with account() as target:
        take(target, steps)
        plan = target.plan(release)
        perform(actions_of(plan)[:number], target.executor(release), say=lambda _: None)
        target.apply(plan, release)
        assert actions_of(target.plan(release)) == ()


@SETTINGS
@given(releases(), releases(), _EDITS)
def test_apply__edited_since_the_plan__is_refused_and_writes_nothing(first, release, kind):
    with account() as target:
        take(target, [first])
        plan = target.plan(release)
        edit(target, kind)
        edited = target.state()
        if kind in ("spacing", "other tag"):
            target.apply(plan, release)
            assert actions_of(target.plan(release)) == ()
            return
        with pytest.raises(StalePlan):
            target.apply(plan, release)
        assert target.state() == edited


@SETTINGS
@given(_STEPS_TAKEN, releases())
def test_destroy__any_state__removes_what_is_ours_and_nothing_else(steps, release):
    with account() as target:
        target.pipelines.create("by-hand", "{}", f"arn:aws:iam::{ACCOUNT}:role/r", {"a": "b"}, "")
        foreign = target.state()
        take(target, [*steps, release])
        target.apply(target.destruction(), release)
        assert target.state() == foreign
        assert actions_of(target.destruction()) == ()


@SETTINGS
@given(_STEPS_TAKEN, releases(), st.integers(1, 2), st.booleans())
def test_destroy__broken_at_any_pipeline__leaves_what_was(steps, release, at, written):
    with account() as target:
        take(target, [*steps, release, "other tag"])
        before, plan = target.state(), target.destruction()
        broken = Breaks(target.executor(release), at, written=written)
        with pytest.raises(ApplyFailed):
            perform(actions_of(plan), broken, say=lambda _: None)
        assert target.state() == before
