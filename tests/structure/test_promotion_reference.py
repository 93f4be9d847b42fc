"""Generated and hand-written reference pages agree with the code."""

from pathlib import Path

from promotion.build.tokens import ENVIRONMENT_TOKENS, RELEASE_TOKENS
from promotion.config.reference import main, stale

ROOT = Path(__file__).parents[2]


def test_reference__committed_files__are_what_the_models_generate() -> None:
    assert stale(ROOT) == []


def test_reference__empty_folder__check_fails_then_write_makes_it_pass(tmp_path: Path) -> None:
    assert main(["--check"], tmp_path) == 1
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.*")) == [
        "docs/reference/environment.md",
        "environments/schema.json",
    ]


def test_reference__unknown_argument__is_a_usage_error(tmp_path: Path) -> None:
    assert main(["--bogus"], tmp_path) == 2
    assert list(tmp_path.iterdir()) == []


def test_use_case_page__every_token__is_listed() -> None:
    page = (ROOT / "docs/reference/use-case.md").read_text(encoding="utf-8")
    missing = [t for t in ENVIRONMENT_TOKENS | RELEASE_TOKENS if f"`${{{t}}}`" not in page]
    assert missing == []
