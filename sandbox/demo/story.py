"""The demo's stages, in order; each checks what it tells and stops the demo where it is not so.

Runs `promote` through `Commands`, moves the virtual clock, reads the accounts through `Account`.
"""

from __future__ import annotations

import csv
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.demo.commands import Commands, DemoFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sandbox.demo.accounts import Account
    from sandbox.demo.narrator import Narrator

USE_CASE = "mammography"
ESTATE = ("tooling", "registry", "dev", "prod")
SCHEDULE_HOUR = 6  # of environments/prod.tfvars.json: cron(0 6 * * ? *)


@dataclass
class Story:
    """What the stages share.

    Attributes:
        root: The project's folder.
        build: Folder for plans, data and the report.
        narrator: Tells and remembers.
        commands: Runs `promote`.
        accounts: The environments by name.
        now: The virtual time.
        advance: Moves the virtual clock to a time and fires what is due.
        inbox: The messages that SNS delivered, oldest first.
        data: Data file that the user chose, if any.
        plans: Text of each plan, for the report.
        release: What `promote build --json` said of the release.
        predictions: What the first scheduled run predicted.
        served: Execution ids of prod by the model version that served them.
        refusals: Each attack that was refused, as `refusals.Refusal` has it.
        ledger: The ledger's entries, and what its check found.
    """

    root: Path
    build: Path
    narrator: Narrator
    commands: Commands
    accounts: Mapping[str, Account]
    now: Callable[[], datetime]
    advance: Callable[[datetime], None]
    inbox: Callable[[], list[dict[str, Any]]]
    data: Path | None = None
    plans: list[dict[str, str]] = field(default_factory=list)
    release: dict[str, Any] = field(default_factory=dict)
    predictions: dict[str, Any] = field(default_factory=dict)
    served: dict[int, list[str]] = field(default_factory=dict)
    refusals: list[dict[str, str]] = field(default_factory=list)
    ledger: dict[str, Any] = field(default_factory=dict)

    @property
    def dev(self) -> Account:
        """The account in which models are developed."""
        return self.accounts["dev"]

    @property
    def prod(self) -> Account:
        """The account in which the schedule runs."""
        return self.accounts["prod"]

    def data_quality_uri(self, execution_id: str) -> str:
        """Return the S3 URI of the data-quality files of an inference run of prod."""
        bucket = self.prod.settings["buckets"]["data"]
        return f"s3://{bucket}/{USE_CASE}/inference/{execution_id}/data-quality"

    def check(self, holds: bool, fact: str, otherwise: str = "") -> None:
        """State a fact, or stop the demo when it does not hold."""
        if not holds:
            raise DemoFailed(f"Not as told: {fact}" + (f" ({otherwise})" if otherwise else ""))
        self.narrator.fact(fact)

    def plan_and_apply(
        self,
        environment: str,
        *flags: str,
        principal: str,
        source: str = "",
        expect: tuple[int, ...] = (3,),
    ) -> None:
        """Plan an environment into a file and apply that file.

        Args:
            environment: The environment's name.
            flags: Further words for `promote plan`.
            principal: Who plans and applies.
            source: Label of the output when several run at once.
            expect: Exit codes of the plan: 3 there is something to do, 0 there is nothing.
        """
        words = dict.fromkeys(flag.strip("-") for flag in flags if flag.startswith("--"))
        name = "-".join([environment, *words])
        plan_file = str((self.build / f"{name}.plan").relative_to(self.root))
        planned = self.commands.promote(
            "plan", environment, *flags, "--out", plan_file,
            principal=principal, expect=expect, source=source,
        )  # fmt: skip
        self.commands.promote("apply", plan_file, "--yes", principal=principal, source=source)
        self.plans.append({"environment": environment, "title": name, "text": planned.output})
        self.narrator.event("promotion", environment, f"plan applied in {environment}", name, "ok")

    def versions(self, *, shown: bool = True) -> list[dict[str, Any]]:
        """Return the versions of the model package group, oldest first."""
        finished = self.commands.promote(
            "models", "list", USE_CASE, "--json", principal="approver", shown=shown
        )
        versions: list[dict[str, Any]] = json.loads(finished.output)["versions"]
        return sorted(versions, key=lambda version: int(version["version"]))

    def approve(self, version: int, reason: str) -> None:
        """Approve a version as the approver."""
        self.inbox()  # who trained it is in the ledger then: the check four-eyes asks
        self.commands.promote(
            "models", "approve", USE_CASE, str(version), "--reason", reason,
            principal="approver",
        )  # fmt: skip
        self.narrator.event("approval", "registry", f"version {version} approved", reason, "ok")


def tell(story: Story) -> None:
    """Tell the story up to the stages of `audit`.

    Raises:
        DemoFailed: Something is not as told.
    """
    prepare_data(story)
    accounts_and_terraform(story)
    release_to_dev(story)
    approval(story)
    promotion_to_prod(story)
    scheduled_inference(story)
    drift_and_retraining(story)
    unrelated_failure(story)


def prepare_data(story: Story) -> None:
    """Write training data and batches; first, so that data that cannot be used costs no time."""
    folder = str((story.build / "data").relative_to(story.root))
    source = ["--data", str(story.data)] if story.data else []
    story.commands.module(f"pipelines.{USE_CASE}.data", "--out", folder, *source)


def accounts_and_terraform(story: Story) -> None:
    """Stage 1: each account's administrator lets Jenkins in; Jenkins applies the rest."""
    with story.narrator.stage("Four accounts, bootstrapped by people, applied by Jenkins"):
        for environment, account in story.accounts.items():
            seen = account.client("sts").get_caller_identity()["Account"]
            told = account.settings["account_id"]
            story.check(seen == told, f"{environment} answers as account {told}", f"saw {seen}")
        early = story.commands.promote("plan", "tooling", principal="jenkins", expect=1)
        story.check(
            "promote bootstrap tooling" in early.messages, "before the bootstrap Jenkins is nobody"
        )
        _prepare_all(story)
        for environment in ESTATE:
            _check_state(story, story.accounts[environment])


def _prepare_all(story: Story) -> None:
    """Bootstrap and apply each account as soon as it can be: side by side."""
    with ThreadPoolExecutor(2 * len(ESTATE)) as pool:
        bootstraps = {name: pool.submit(_bootstrap, story, name) for name in ESTATE}

        def go_on(environment: str) -> None:
            for needed in ("tooling", environment):  # Jenkins' own role is in tooling
                bootstraps[needed].result()
            _lay(story, environment)

        list(pool.map(go_on, ESTATE))


def _bootstrap(story: Story, environment: str) -> None:
    """Make state bucket and roles as the account's administrator."""
    story.commands.promote(
        "bootstrap", environment, "--yes",
        principal=f"{environment}-admin", source=environment,
    )  # fmt: skip
    story.narrator.event(
        "promotion", environment, f"{environment} bootstrapped", "by its administrator", "ok"
    )


def _lay(story: Story, environment: str) -> None:
    """Apply the rest as Jenkins; the tooling account may hold nothing else."""
    codes = (0, 3) if environment == "tooling" else (3,)
    story.plan_and_apply(
        environment, "--no-pipelines", principal="jenkins", source=environment, expect=codes
    )


def _check_state(story: Story, account: Account) -> None:
    bucket = account.settings["buckets"]["state"]
    key = f"accounts/{account.environment}/terraform.tfstate"
    objects = account.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    keys = [found["Key"] for found in objects]
    story.check(
        key in keys and not any("lock" in found for found in keys),
        f"Terraform state is at s3://{bucket}/{key}, all locks released",
        str(keys),
    )


def release_to_dev(story: Story) -> None:
    """Stage 2: one release is built, published and applied to dev; training registers version 1."""
    with story.narrator.stage("One release: built, published, applied to dev, trained"):
        story.dev.put(f"{USE_CASE}/training/part-1.csv", story.build / "data/training/part-1.csv")
        built = story.commands.promote("build", USE_CASE, "--json", principal="jenkins")
        story.release = json.loads(built.output)["releases"][0]
        story.narrator.fact(f"release {story.release['digest']}")
        _publish(story)
        story.plan_and_apply("dev", "--release", story.release["path"], principal="jenkins")

        story.commands.promote("run", "dev", USE_CASE, "train", principal="jenkins")
        story.narrator.event("execution", "dev", "training", "registers version 1", "ok")
        versions = story.versions()
        seen = [
            (version["version"], version["status"], version["environment"]) for version in versions
        ]
        story.check(
            seen == [(1, "PendingManualApproval", "dev")],
            "version 1 is in the registry account, from dev, pending approval",
            str(seen),
        )


def _publish(story: Story) -> None:
    """Sign and store the release; a checkout with changes has nothing that could be signed."""
    if story.release["dirty"]:
        story.narrator.fact("this checkout has uncommitted changes: nothing is signed")
        return
    published = story.commands.promote("publish", USE_CASE, "--json", principal="jenkins")
    told = json.loads(published.output)["releases"][0]
    story.check(
        (told["digest"], told["is_new"]) == (story.release["digest"], True),
        f"it is signed and stored at {told['uri']}",
        published.output,
    )


def _overrides(story: Story) -> list[str]:
    """Return the overrides without which prod takes no release of this checkout."""
    reason = "the demo runs in a checkout that is not a clean main"
    gates = ["clean-commit", "provenance"] if story.release["dirty"] else []
    if not gates and not _is_on_main(story):
        gates = ["clean-commit"]
    return [word for gate in gates for word in ("--override", f"{gate}={reason}")]


def _is_on_main(story: Story) -> bool:
    """Return whether the release's commit is on `main`, as the gate `clean-commit` asks."""

    def git(*words: str) -> int:
        words = ("git", "-C", str(story.root), *words)
        return subprocess.run(words, check=False, capture_output=True).returncode  # noqa: S603

    mains = ("refs/remotes/origin/main", "refs/heads/main")
    main = next((ref for ref in mains if git("rev-parse", "--verify", ref) == 0), None)
    commit = str(story.release["git_commit"])
    return main is not None and git("merge-base", "--is-ancestor", commit, main) == 0


def approval(story: Story) -> None:
    """Stage 3: nothing serves before a person approves."""
    with story.narrator.stage("No approval, no inference"):
        folder = story.build / "data"
        date = story.now().date().isoformat()
        story.dev.put(f"{USE_CASE}/batches/{date}/batch.csv", folder / "batches/clean-1.csv")
        refused = story.commands.promote(
            "run", "dev", USE_CASE, "inference", principal="jenkins", expect=1
        )
        story.narrator.event("execution", "dev", "inference", "no approved model", "stopped")
        story.check("NoApprovedModel" in refused.messages, "inference refuses: no approved model")
        story.approve(1, "AUC above 0.85 with its interval; baseline reviewed")
        story.commands.promote("run", "dev", USE_CASE, "inference", principal="jenkins")
        story.narrator.event("execution", "dev", "inference", "served by version 1", "ok")
        story.narrator.fact("after the approval the same run succeeds")


def promotion_to_prod(story: Story) -> None:
    """Stage 4: the release that ran in dev is applied to prod; a second plan is empty."""
    with story.narrator.stage("The same release to prod"):
        release = ["--release", story.release["path"], *_overrides(story)]
        story.inbox()  # waits until everything that was told to the ledger is in it
        story.plan_and_apply("prod", *release, principal="jenkins")
        story.commands.promote("plan", "prod", *release, principal="jenkins", expect=0)
        story.narrator.fact("the second plan of prod is empty")


def scheduled_inference(story: Story) -> None:
    """Stage 5: the clock reaches the schedule; predictions are in prod's bucket."""
    with story.narrator.stage("The schedule runs inference in prod"):
        folder = story.build / "data"
        arn = _next_morning(story, folder / "batches/clean-1.csv")
        predictions = _check_served(story, arn, version=1)
        labels = {row["id"]: int(row["severity"]) for row in _rows(folder / "labels/clean-1.csv")}
        auc = _auc(predictions["rows"], labels)
        story.check(
            len(predictions["rows"]) == len(labels),
            f"{len(labels)} predictions are at {predictions['uri']}",
        )
        for row in predictions["rows"][:3]:
            story.narrator.say(", ".join(f"{name} {value}" for name, value in row.items()))
        story.narrator.fact(f"AUC of this batch against its held-back labels: {auc:.3f}")
        story.predictions = {
            "uri": predictions["uri"],
            "rows": len(labels),
            "auc": auc,
            "sample": predictions["rows"][:8],
        }


def drift_and_retraining(story: Story) -> None:
    """Stage 6: a drifted batch stops inference and starts one training; version 2 then serves."""
    with story.narrator.stage("A drifted batch starts one training"):
        folder = story.build / "data"
        for part in ("part-1", "part-2"):
            story.prod.put(f"{USE_CASE}/training/{part}.csv", folder / f"training/{part}.csv")
        train = story.prod.pipeline_name(USE_CASE, "train")
        before = len(story.prod.executions(train))
        alerts = len(story.inbox())
        arn = _next_morning(story, folder / "batches/drifted-age.csv", outcome="stopped")
        _check_stopped_at(story, arn, "DataDriftDetected")
        _show_violations(story, arn)

        retrain = story.prod.follow(train, before, story.narrator.say)
        given = story.prod.parameters(retrain)["DriftedBatchUri"]
        batch = f"{USE_CASE}/batches/{story.now().date().isoformat()}/batch.csv"
        story.narrator.event("execution", "prod", "training", f"started by {batch}", "ok")
        story.check(given.endswith(batch), f"one train execution started, for {given}")
        _check_one_alert(story, alerts, "drift")
        story.check(
            [version["status"] for version in story.versions()]
            == ["Approved", "PendingManualApproval"],
            "version 2 waits for approval",
        )
        _refused_when_altered(story, version=2)
        card = str(story.build / "model-card.html")
        story.commands.promote(
            "models", "show", USE_CASE, "2", "--html", card, principal="approver"
        )
        story.approve(2, "Retrained after drift; not worse than version 1")
        arn = _next_morning(story, folder / "batches/clean-2.csv")
        _check_served(story, arn, version=2)
        story.check(
            len(story.prod.executions(train)) == before + 1, "no further training was started"
        )


def _refused_when_altered(story: Story, version: int) -> None:
    """Alter a version's archive, see the gate refuse it, and restore the archive."""
    registry = story.accounts["registry"]
    arn = next(each["arn"] for each in story.versions(shown=False) if each["version"] == version)
    package = registry.client("sagemaker").describe_model_package(ModelPackageName=arn)
    place = urlsplit(package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"])
    archive = {"Bucket": place.netloc, "Key": place.path.lstrip("/")}
    s3 = registry.client("s3")
    scored = s3.get_object(**archive)["Body"].read()
    s3.put_object(**archive, Body=b"another model")
    refused = story.commands.promote(
        "models", "approve", USE_CASE, str(version), "--reason", "looks fine",
        principal="approver", expect=4,
    )  # fmt: skip
    s3.put_object(**archive, Body=scored)
    story.narrator.event(
        "approval", "registry", f"version {version} refused", "its archive was altered", "stopped"
    )
    story.check("- artifact: " in refused.messages, "the gate refuses an altered archive")


def unrelated_failure(story: Story) -> None:
    """Stage 7: another failure alerts and starts no training."""
    with story.narrator.stage("A missing batch alerts, and trains nothing"):
        train = story.prod.pipeline_name(USE_CASE, "train")
        before, alerts = len(story.prod.executions(train)), len(story.inbox())
        arn = _next_morning(story, None, outcome="failed")
        _check_stopped_at(story, arn, "ResolveBatch")
        _check_one_alert(story, alerts, "ResolveBatch")
        story.check(len(story.prod.executions(train)) == before, "no training was started")


def _next_morning(story: Story, batch: Path | None, outcome: str = "ok") -> str:
    """Deliver a batch for the next scheduled day, advance to it, and follow the inference run."""
    due = story.now().replace(hour=SCHEDULE_HOUR, minute=0, second=0, microsecond=0)
    due += timedelta(days=1) if due <= story.now() else timedelta()
    if batch is not None:
        uri = story.prod.put(f"{USE_CASE}/batches/{due.date().isoformat()}/batch.csv", batch)
        story.narrator.say(f"{batch.name} delivered as {uri}")
    inference = story.prod.pipeline_name(USE_CASE, "inference")
    known = len(story.prod.executions(inference))
    story.narrator.command(f"sandbox clock advance until {due.isoformat()}")
    story.advance(due)
    story.narrator.event("clock", "prod", "schedule is due", due.isoformat(), "info")
    arn = story.prod.follow(inference, known, story.narrator.say)
    story.narrator.event("execution", "prod", "inference", arn.rsplit("/", 1)[-1], outcome)
    return arn


def _check_served(story: Story, execution_arn: str, version: int) -> dict[str, Any]:
    """Check that an inference run succeeded and was served by a version; return predictions."""
    described = story.prod.client("sagemaker").describe_pipeline_execution(
        PipelineExecutionArn=execution_arn
    )
    status, reason = described["PipelineExecutionStatus"], described.get("FailureReason", "")
    story.check(status == "Succeeded", "the scheduled inference succeeded", f"{status}: {reason}")
    execution_id = execution_arn.rsplit("/", 1)[-1]
    bucket = story.prod.settings["buckets"]["data"]
    uri = f"s3://{bucket}/{USE_CASE}/predictions/{execution_id}/predictions.csv"
    rows = story.prod.rows(uri)
    seen = sorted({row["model_version"] for row in rows})
    story.check(seen == [str(version)], f"it was served by version {version}", f"saw {seen}")
    story.served.setdefault(version, []).append(execution_id)
    return {"uri": uri, "rows": rows}


def _check_stopped_at(story: Story, execution_arn: str, step: str) -> None:
    failed = [found for found in story.prod.steps(execution_arn) if found["StepStatus"] == "Failed"]
    names = [found["StepName"] for found in failed]
    story.check(names == [step], f"inference stopped at {step}", f"failed steps: {names}")
    story.narrator.say(failed[0].get("FailureReason", ""))


def _show_violations(story: Story, execution_arn: str) -> None:
    folder = story.data_quality_uri(execution_arn.rsplit("/", 1)[-1])
    uri = f"{folder}/constraint_violations.json"
    violations = json.loads(story.prod.read(uri))["violations"]
    story.check(bool(violations), f"the violations are at {uri}")
    for found in violations:
        story.narrator.say(
            f"{found['feature_name']:<12} {found['constraint_check_type']}: {found['description']}"
        )


def _check_one_alert(story: Story, known: int, word: str) -> None:
    """Check that one mail has come since there were ``known``, and that it says ``word``."""
    mails = story.inbox()[known:]
    story.check(
        len(mails) == 1 and word.lower() in mails[0]["body"].lower(),
        f"one alert is in the inbox, about {word}",
        f"{len(mails)} came: {[mail['body'] for mail in mails]}",
    )
    for line in mails[0]["body"].splitlines():
        story.narrator.say(line)
    story.narrator.event("alert", "prod", "alert sent", mails[0]["body"].splitlines()[0], "info")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _auc(predictions: list[dict[str, str]], labels: Mapping[str, int]) -> float:
    from sklearn.metrics import roc_auc_score

    known = [labels[row["id"]] for row in predictions]
    return float(roc_auc_score(known, [float(row["score"]) for row in predictions]))
