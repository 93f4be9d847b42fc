"""The estate in which permissions are proved: a sandbox in this process, and the story in it.

Starts a sandbox, runs `promote` and Terraform as subprocesses in a project's folder, below which
it writes ``build/``. Everything that happens is labelled with the act that it belongs to.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.accounts import load_accounts
from sandbox.demo.accounts import Account
from sandbox.demo.commands import Commands
from sandbox.demo.narrator import Narrator
from sandbox.demo.story import Story
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from rich.console import Console

    from sandbox.authorization.policy import Removed
    from sandbox.proof.replay import Decided

NOBODY = ""
"""Label of what belongs to no act: preparations by administrators."""


@dataclass
class Estate:
    """The running accounts.

    Attributes:
        sandbox: The sandbox.
        story: What the demo's stages and our acts share.
    """

    sandbox: Sandbox
    story: Story

    @property
    def journal(self) -> list[Decided]:
        """All decisions so far."""
        return list(self.sandbox.authorizer.journal)

    @contextmanager
    def labelled(self, label: str) -> Iterator[None]:
        """Label the decisions of a block, and of all that it started in the background."""
        authorizer = self.sandbox.authorizer
        authorizer.label = label
        try:
            yield
            self.sandbox.settle(_SETTLE_SECONDS)
        finally:
            authorizer.label = NOBODY

    @contextmanager
    def removed(self, removed: Iterable[Removed]) -> Iterator[None]:
        """Take permissions away while a block runs.

        An apply that is robbed half-way leaves locks behind, which only a person removes: they are
        removed here, as an administrator, so that the next act does not fail for them.
        """
        authorizer = self.sandbox.authorizer
        authorizer.without = frozenset(removed)
        try:
            yield
        finally:
            authorizer.without = frozenset()
            self._unlock()

    def _unlock(self) -> None:
        """Remove the locks of all environments, as their administrators."""
        for environment, account in self.story.accounts.items():
            s3, bucket = account.client("s3"), account.settings["buckets"]["state"]
            for lock in lock_keys(environment):
                s3.delete_object(Bucket=bucket, Key=lock)

    def client(self, service: str, environment: str) -> Any:
        """Return a client of an account's administrator."""
        return self.story.accounts[environment].client(service)


_SETTLE_SECONDS = 120


def lock_keys(environment: str) -> tuple[str, str]:
    """Return the keys of promote's lock and of Terraform's in an environment's state bucket."""
    folder = f"accounts/{environment}"
    return f"{folder}/promote.lock", f"{folder}/terraform.tfstate.tflock"


@contextmanager
def open_estate(root: Path, console: Console, data: Path | None = None) -> Iterator[Estate]:
    """Start the accounts of ``environments/``; nothing is in them yet.

    Args:
        root: The project's folder.
        console: Where the story is told.
        data: Data file for the story's training, as `sandbox demo` takes it.
    """
    build = root / "build" / "proof"
    build.mkdir(parents=True, exist_ok=True)
    with Sandbox(load_accounts(root / "environments"), workspace=build / "sandbox") as sandbox:
        narrator = Narrator(console, sandbox.clock.now)
        files = sorted((root / "environments").glob("*.tfvars.json"))
        names = [file.name.removesuffix(".tfvars.json") for file in files]
        yield Estate(
            sandbox,
            Story(
                root=root,
                build=build,
                narrator=narrator,
                commands=Commands(root, narrator, sandbox.environment),
                accounts={
                    name: Account.connect(file, sandbox.environment(f"{name}-admin"))
                    for name, file in zip(names, files, strict=True)
                },
                now=sandbox.clock.now,
                advance=_advance(sandbox),
                inbox=_inbox(sandbox),
                data=data,
            ),
        )


def _advance(sandbox: Sandbox) -> Any:
    def advance(moment: datetime) -> None:
        sandbox.scheduler.advance_to(moment, settle_seconds=None)

    return advance


def _inbox(sandbox: Sandbox) -> Any:
    def inbox() -> list[dict[str, Any]]:
        sandbox.settle(_SETTLE_SECONDS)
        return list(sandbox.inbox.listing())

    return inbox
