"""Tokens are known, and the code they name exists."""

from collections.abc import Iterable

from promotion.build.checks import Subject
from promotion.build.definition import all_values
from promotion.build.tokens import TOKEN, token_problem, tokens_in


def check(subject: Subject) -> Iterable[str]:
    """Yield unknown and malformed tokens, and missing code files."""
    for place, value in all_values(subject.definition):
        if isinstance(value, dict):
            yield from (f"{place.key(key)}: a key takes no token" for key in value if "${" in key)
        if isinstance(value, str) and "${" in TOKEN.sub("", value):
            yield f"{place}: a token is not closed (in {value[:120]!r})"
        for name in tokens_in(value) if isinstance(value, str) else ():
            problem = token_problem(
                name, pipelines=subject.pipelines, code=subject.code, images=None
            )
            if problem:
                yield f"{place}: {problem}"
