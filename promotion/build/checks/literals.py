"""Nothing of the building machine or of the build's stand-in account is in a definition."""

from collections.abc import Iterable

from promotion.build.checks import Subject
from promotion.build.definition import all_values
from promotion.build.sealed.guard import NEUTRAL_ACCOUNT_ID, NEUTRAL_REGION


def check(subject: Subject) -> Iterable[str]:
    """Yield literal regions, accounts and machine paths, which no environment could replace."""
    leaks = {
        NEUTRAL_REGION: "the build's region stands literally; use ${env.region}",
        NEUTRAL_ACCOUNT_ID: "the build's account stands literally; use ${env.account_id}",
        **{path: "a path of the building machine" for path in subject.machine_paths},
    }
    for place, value in all_values(subject.definition):
        if isinstance(value, str):
            for literal, meaning in leaks.items():
                if literal in value:
                    yield f"{place}: {meaning} (in {value[:120]!r})"
