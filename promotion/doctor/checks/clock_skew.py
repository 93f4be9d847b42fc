"""This machine's clock agrees with AWS's. Calls STS GetCallerIdentity."""

from datetime import timedelta

from promotion.doctor.examination import Examination
from promotion.doctor.result import CheckResult, Finding, skipped, verdict

CHECK = "clock-skew"
SUMMARY = "this machine's clock is within five minutes of AWS's"
MEND = "let the machine keep its time by NTP (chronyd, systemd-timesyncd), then run it again"

# AWS refuses a request that is signed with a time more than five minutes off.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
LIMIT = timedelta(minutes=5)


def check(examination: Examination) -> CheckResult:
    """Compare the time with the one in the head of an answer, which has whole seconds."""
    theirs = examination.accounts.server_time(examination.environment.region)
    ours = examination.now()
    if theirs is None:
        return skipped("the answer of STS does not say what time it is (header Date)")
    seconds = round((ours - theirs).total_seconds())
    if abs(seconds) <= LIMIT.total_seconds():
        return verdict([], f"{abs(seconds)} s off")
    way = "ahead of" if seconds > 0 else "behind"
    return verdict(
        [
            Finding(
                f"the clock is {abs(seconds)} s {way} AWS's: AWS refuses requests that are signed "
                f"more than {LIMIT.seconds} s off",
                "this machine",
            )
        ],
        "",
    )
