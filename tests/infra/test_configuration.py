"""What Terraform and the environment files must agree on; reads files only."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import hcl2
import pytest

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "mlops-infra"
MODULES = sorted(path for path in (INFRA / "modules").iterdir() if path.is_dir())
ACCOUNTS = sorted(path for path in (INFRA / "accounts").iterdir() if path.is_dir())
# promote builds the Lambda package and passes its path; nobody writes it into a file.
NOT_IN_FILES = {"lambda_package"}
# Keys that a file may leave out: their variables have a default.
OPTIONAL = {"build_alert_emails", "promotion", "studio"}
MODULE_FILES = {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"}
ROOT_FILES = {"main.tf", "backend.tf", "providers.tf", "variables.tf", "outputs.tf"}


@cache
def document(path: Path) -> dict[str, Any]:
    """Return a file's top-level blocks by kind."""
    with path.open(encoding="utf-8") as file:
        loaded: dict[str, Any] = hcl2.load(file)
    return loaded


def blocks(path: Path, kind: str) -> list[dict[str, Any]]:
    """Return the blocks of a kind in a file."""
    return list(document(path).get(kind, []))


def labels(path: Path, kind: str) -> set[str]:
    """Return the first label of every block of a kind in a file."""
    return {label.strip('"') for block in blocks(path, kind) for label in block}


def environment(account: Path) -> dict[str, Any]:
    """Return the environment file of a root."""
    loaded: dict[str, Any] = json.loads(
        (ROOT / "environments" / f"{account.name}.tfvars.json").read_text(encoding="utf-8")
    )
    return loaded


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda path: path.name)
def test_root__variables__are_the_keys_of_its_environment_file(account: Path) -> None:
    declared = labels(account / "variables.tf", "variable")
    keys = set(environment(account))
    assert declared - NOT_IN_FILES - OPTIONAL == keys - OPTIONAL
    assert keys <= declared
    for block in blocks(account / "variables.tf", "variable"):
        for name, body in block.items():
            assert ("default" in body) == (name.strip('"') in OPTIONAL), name


def test_roots__and_environment_files__come_in_pairs() -> None:
    files = {path.name.split(".")[0] for path in (ROOT / "environments").glob("*.tfvars.json")}
    assert {account.name for account in ACCOUNTS} == files


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda path: path.name)
def test_root__files__hold_module_calls_only(account: Path) -> None:
    assert {path.name for path in account.glob("*.tf")} == ROOT_FILES
    assert set(document(account / "main.tf")) <= {"module", "import", "locals"}
    imported = blocks(account / "main.tf", "import")
    (state_bucket,) = (block["to"] for block in imported)
    assert state_bucket == "${module.access.module.state_backend.aws_s3_bucket.this}"


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda path: path.name)
def test_root__access__is_one_module_that_all_others_wait_for(account: Path) -> None:
    """`promote` bootstraps `module.access` and keeps promotions from changing it."""
    modules = {
        label.strip('"'): body
        for block in blocks(account / "main.tf", "module")
        for label, body in block.items()
    }
    assert modules.pop("access")["source"] == '"../../modules/account-access"'
    assert all(body["depends_on"] == ["${module.access}"] for body in modules.values())


def test_workload_roots__text__is_the_same_in_every_account() -> None:
    workloads = [path for path in ACCOUNTS if environment(path)["kind"] == "workload"]
    texts = {
        path.name: {name: (path / name).read_text(encoding="utf-8") for name in ROOT_FILES}
        for path in workloads
    }
    first = texts[workloads[0].name]
    assert len(workloads) > 1
    assert texts == dict.fromkeys(texts, first)


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda path: path.name)
def test_root__provider__accepts_credentials_of_its_own_account_only(account: Path) -> None:
    (provider,) = (block['"aws"'] for block in blocks(account / "providers.tf", "provider"))
    assert provider["allowed_account_ids"] == ["${var.account_id}"]
    assert not {"assume_role", "endpoints", "access_key", "profile"} & set(provider)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_module__folder__has_every_part(module: Path) -> None:
    assert {path.name for path in module.iterdir()} >= MODULE_FILES
    assert {path.name for path in (module / "tests").glob("*.tftest.hcl")} == {
        "policies.tftest.hcl",
        "validation.tftest.hcl",
    }
    readme = (module / "README.md").read_text(encoding="utf-8")
    for heading in ("## Usage", "## What it does not create", "## Inputs and outputs"):
        assert heading in readme


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_module__is_used__by_a_root_or_a_module(module: Path) -> None:
    sources = {
        body["source"].strip('"').rsplit("/", 1)[-1]
        for path in INFRA.rglob("*.tf")
        if ".terraform" not in path.parts
        for block in blocks(path, "module")
        for body in block.values()
    }
    assert module.name in sources


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_module__variables_and_outputs__are_typed_and_described(module: Path) -> None:
    for block in blocks(module / "variables.tf", "variable"):
        for name, body in block.items():
            assert {"type", "description"} <= set(body), name
    for block in blocks(module / "outputs.tf", "output"):
        for name, body in block.items():
            assert "description" in body, name


@pytest.mark.parametrize("folder", [*MODULES, *ACCOUNTS], ids=lambda path: path.name)
def test_configuration__versions__are_pinned(folder: Path) -> None:
    name = "versions.tf" if folder in MODULES else "providers.tf"
    (settings,) = blocks(folder / name, "terraform")
    assert settings["required_version"] == '">= 1.11"'
    (providers,) = settings["required_providers"]
    assert {key for key in providers if not key.startswith("__")} == {"aws"}
    assert providers["aws"]["version"] == '"5.100.0"'


@pytest.mark.parametrize(
    "path", sorted(INFRA.rglob("*.tf")), ids=lambda path: str(path.relative_to(INFRA))
)
def test_policies__text__has_no_full_access_and_no_action_wildcard(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "FullAccess" not in text
    assert not re.search(r'\bActions?\s*=\s*\[?\s*"\*"', text)
    assert not re.search(r'\bAction\s*=\s*\[[^\]]*"[^"]*\*"', text)
    # Whole-service actions stand in two places: a deny, and a key's own policy for its account.
    whole = set(re.findall(r'"(\w+):\*"', text))
    assert whole <= {"s3", "kms"}
    for statement in re.findall(r'Effect\s*=\s*"Allow"(?:(?!Effect).)*', text, re.DOTALL):
        assert '"s3:*"' not in statement


@pytest.mark.parametrize(
    "path", sorted(INFRA.rglob("*.tf")), ids=lambda path: str(path.relative_to(INFRA))
)
def test_policies__every_resource__is_explained_by_a_comment(path: Path) -> None:
    """What is allowed on ``Resource = "*"`` has a comment, of its statement or list, saying why."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if re.search(r'Resource\s*=\s*\[?"\*"', line):
            before = "\n".join(lines[max(0, number - 40) : number])
            if re.findall(r'Effect\s*=\s*"(\w+)"', before)[-1:] == ["Deny"]:
                continue
            assert re.search(
                r'# .*(no resource-level|has no ARN|Resource "\*" in a key policy)', before
            ), f"{path}:{number + 1}"


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda path: path.name)
def test_root__role_names__are_all_passed_to_modules(account: Path) -> None:
    """Every role that a file names is made, or trusted, by a module of its root."""
    used = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [account / "main.tf", *(INFRA / "modules").rglob("*.tf")]
    )
    for role in environment(account)["roles"]:
        assert f"var.roles.{role}" in used, role


def test_readmes__tables__are_fresh() -> None:
    checked = subprocess.run(
        [sys.executable, str(INFRA / "write_readmes.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_checkov__every_skip__stands_in_a_resource_with_its_reason() -> None:
    """The settings skip nothing; a skip in place says more than its check's name."""
    settings = (ROOT / ".checkov.yaml").read_text(encoding="utf-8")
    assert not re.search(
        r"^(skip-check|check|soft-fail|baseline|skip-path)", settings, re.MULTILINE
    )
    skips = [
        (path.relative_to(INFRA), line.strip())
        for path in sorted(INFRA.rglob("*.tf"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if "checkov:skip" in line
    ]
    assert skips
    good = re.compile(r"#checkov:skip=CKV2?_AWS_\d+:[A-Z].{20,}\.")
    assert [skip for skip in skips if not good.fullmatch(skip[1])] == []


def test_rules__are_said_to_be_enabled() -> None:
    """Unsaid, the provider takes a rule that somebody has disabled as it is."""
    rules = {
        f"{path.parent.name} {name}": body.get("state")
        for path in sorted((INFRA / "modules").glob("*/*.tf"))
        for block in blocks(path, "resource")
        for kind, named in block.items()
        if kind.strip('"') == "aws_cloudwatch_event_rule"
        for name, body in named.items()
    }
    assert len(rules) > 1
    assert set(rules.values()) == {'"ENABLED"'}, rules
