"""Tokens are known, and the code they name exists."""

from collections.abc import Iterable

from promotion.build.checks import Subject
from promotion.build.definition import all_values
from promotion.build.tokens import token_problem, tokens_in


def check(subject: Subject) -> Iterable[str]:
    """Yield unknown tokens and missing code files."""
    for place, value in all_values(subject.definition):
        for name in tokens_in(value) if isinstance(value, str) else ():
            problem = token_problem(
                name, pipelines=subject.pipelines, code=subject.code, images=None
            )
            if problem:
                yield f"{place}: {problem}"
