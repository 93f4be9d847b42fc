"""No account, and nothing of the building machine or its stand-in account, is in a definition."""

import re
from collections.abc import Iterable

from promotion.build.checks import Subject
from promotion.build.definition import all_values
from promotion.build.sealed.guard import NEUTRAL_ACCOUNT_ID, NEUTRAL_REGION

# In an ARN, and in the name of a container image.
ACCOUNT = re.compile(r"\barn:[^:\s]+:[^:\s]*:[^:\s]*:(\d{12}):|\b(\d{12})\.dkr\.ecr\.")


def check(subject: Subject) -> Iterable[str]:
    """Yield literal regions, accounts and machine paths, which no environment could replace."""
    leaks = {
        NEUTRAL_REGION: "the build's region stands literally; use ${env.region}",
        NEUTRAL_ACCOUNT_ID: "the build's account stands literally; use ${env.account_id}",
        **{path: "a path of the building machine" for path in subject.machine_paths},
    }
    for place, value in all_values(subject.definition):
        if isinstance(value, str):
            found = [meaning for literal, meaning in leaks.items() if literal in value]
            if not found and (account := ACCOUNT.search(value)):
                found = [f"account {account[1] or account[2]} stands literally; use a token"]
            yield from (f"{place}: {meaning} (in {value[:120]!r})" for meaning in found)
