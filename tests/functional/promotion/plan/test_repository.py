"""Where a commit is, asked of real repositories."""

import subprocess

import pytest

from promotion.plan.repository import CommitPlace, commit_place


class Repository:
    """A repository in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def git(self, *words):
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        done = subprocess.run(
            ["git", *identity, "-C", str(self.folder), *words],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self):
        self.git("commit", "--allow-empty", "--message", "a change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "central"
    folder.mkdir()
    found = Repository(folder)
    found.git("init", "--initial-branch", "main")
    return found


def test_place__commits_of_main__are_on_it(repository):
    commits = [repository.commit(), repository.commit()]
    below = repository.folder / "below"
    below.mkdir()
    assert {commit_place(below, commit) for commit in commits} == {CommitPlace.ON_MAIN}


def test_place__commit_of_a_branch__is_elsewhere_until_it_is_merged(repository):
    repository.commit()
    repository.git("switch", "--create", "feature")
    commit = repository.commit()
    assert commit_place(repository.folder, commit) is CommitPlace.ELSEWHERE
    repository.git("switch", "main")
    repository.git("merge", "feature")
    assert commit_place(repository.folder, commit) is CommitPlace.ON_MAIN


def test_place__commit_on_main_that_was_not_pushed__is_elsewhere(repository, tmp_path):
    pushed = repository.commit()
    clone = Repository(tmp_path / "clone")
    repository.git("clone", str(repository.folder), str(clone.folder))
    local = clone.commit()
    assert commit_place(clone.folder, pushed) is CommitPlace.ON_MAIN
    assert commit_place(clone.folder, local) is CommitPlace.ELSEWHERE
    clone.git("push", "origin", "main:review")
    assert commit_place(clone.folder, local) is CommitPlace.ELSEWHERE


def test_place__detached_checkout_without_a_local_main__asks_the_remotes(repository, tmp_path):
    commit = repository.commit()
    clone = Repository(tmp_path / "clone")
    repository.git("clone", str(repository.folder), str(clone.folder))
    clone.git("switch", "--detach")
    clone.git("branch", "--delete", "main")
    assert commit_place(clone.folder, commit) is CommitPlace.ON_MAIN


def test_place__no_main__says_so(repository):
    repository.git("switch", "--create", "trunk")
    assert commit_place(repository.folder, repository.commit()) is CommitPlace.NO_MAIN


@pytest.mark.parametrize("commit", ["f" * 40, "uncommitted", "HEAD", "main", "--all", "", "abc"])
def test_place__no_commit_of_this_repository__is_unknown(repository, commit):
    repository.commit()
    assert commit_place(repository.folder, commit) is CommitPlace.UNKNOWN


def test_place__outside_of_git__is_unknown(tmp_path):
    assert commit_place(tmp_path, "f" * 40) is CommitPlace.UNKNOWN
