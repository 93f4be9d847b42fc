"""The files that a release was built from, told from a folder under git."""

import hashlib
import io
import subprocess
import zipfile
from dataclasses import replace

import pytest

from promotion.build import build
from promotion.errors import ProvenanceError
from promotion.provenance import materials_of

DEFINITION = (
    '{"Version": "2020-12-01", "Steps": [{"Name": "Stop", "Type": "Fail", '
    '"Arguments": {"ErrorMessage": "x"}}]}'
)
FILES = {
    "pipelines/demo/use_case.toml": 'name = "demo"\ntitle = "Demo"\nowner = "us"\n'
    '[pipelines]\ntrain = "train.json"\n',
    "pipelines/demo/train.json": DEFINITION,
    "pipelines/demo/steps/x.py": "x\n",
    "pipelines/demo/steps/program/__main__.py": "y\n",
    "pipelines/demo/steps/.hidden": "left out",
    "pipelines/shared/text.py": "TEXT = 1\n",
    "pipelines/other/use_case.toml": "",
    "requirements.lock": "boto3==1.0\n",
}
HIDDEN_OR_FOREIGN = {"pipelines/demo/steps/.hidden", "pipelines/other/use_case.toml"}


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "one")):
        subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)
    return root


def refusal(project, release):
    with pytest.raises(ProvenanceError) as caught:
        materials_of(project, release)
    return caught.value


def test_materials__clean_commit__are_use_case_shared_modules_functions_and_lock_file(project):
    release = build(project, "demo", project / "build")
    texts = {name: text.encode() for name, text in FILES.items() if name not in HIDDEN_OR_FOREIGN}
    with zipfile.ZipFile(io.BytesIO(release.functions)) as package:
        texts |= {name: package.read(name) for name in package.namelist()}
    assert "promotion/handlers/resolve_model.py" in texts
    assert materials_of(project, release) == {
        name: hashlib.sha256(text).hexdigest() for name, text in texts.items()
    }


@pytest.mark.parametrize(
    "name", ["steps/x.py", "steps/program/__main__.py", "train.json", "new.py"]
)
def test_materials__folder_changed_since_the_build__are_refused(project, name):
    release = build(project, "demo", project / "build")
    (project / "pipelines/demo" / name).write_text("{}")
    error = refusal(project, release)
    assert (error.message, error.hint) == (
        f"pipelines/demo is not what release {release.digest[:12]} was built from",
        "build it again with: promote build",
    )


def test_materials__release_of_other_content_under_the_same_commit__are_refused(project):
    release = build(project, "demo", project / "build")
    evil = {**release.digests, "code/steps/x.py": hashlib.sha256(b"evil\n").hexdigest()}
    other = replace(release, code={"steps/x.py": b"evil\n"}, digests=evil)
    assert refusal(project, other).message.startswith("pipelines/demo is not what release ")


def test_materials__release_with_other_functions__are_refused(project):
    release = build(project, "demo", project / "build")
    other = replace(release, digests={**release.digests, "functions.zip": "0" * 64})
    assert refusal(project, other).message.startswith("pipelines/demo is not what release ")


def test_materials__no_lock_file__are_refused(project):
    release = build(project, "demo", project / "build")
    (project / "requirements.lock").unlink()
    assert refusal(project, release).problems == ("requirements.lock: is no file",)
