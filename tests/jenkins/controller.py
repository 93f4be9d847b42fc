"""What stands for the Jenkins controller: it alone has credentials of Jenkins' own role.

Reads one request from standard input and prints the answer, both JSON. With ``AWS_ENDPOINT_URL``
it assumes the role at that STS, as the step ``withAWS`` does; without, it makes up a session that
names what it may become.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any


def main() -> int:
    """Answer one request; exit code 1 when STS refuses."""
    request = json.load(sys.stdin)
    json.dump(_assume(request), sys.stdout)
    return 0


def _assume(request: dict[str, Any]) -> dict[str, Any]:
    arn = f"arn:aws:iam::{request['roleAccount']}:role/{request['role']}"
    policy = json.loads(request["policy"])
    may = _may(
        [
            resource
            for statement in policy["Statement"]
            for resource in _listed(statement["Resource"])
        ]
    )
    keys = _session(request, arn) if "AWS_ENDPOINT_URL" in os.environ else _made_up(arn)
    region = {name: request["region"] for name in ("AWS_REGION", "AWS_DEFAULT_REGION")}
    return {"arn": arn, "variables": {**keys, **region, "WITH_AWS": "+".join(may)}}


def _may(arns: list[str]) -> list[str]:
    """Return names, with the account behind those that are of one account only."""
    accounts: dict[str, list[str]] = {}
    for arn in arns:
        accounts.setdefault(re.sub(r".*[/:]", "", arn), []).append(arn.split(":")[4])
    return [name if len(of) > 1 else f"{name}@{of[0]}" for name, of in accounts.items()]


def _session(request: dict[str, Any], arn: str) -> dict[str, str]:
    import boto3

    sts: Any = boto3.client("sts")
    keys = sts.assume_role(
        RoleArn=arn,
        RoleSessionName="Jenkins-promotion",
        ExternalId=request["externalId"],
        Policy=request["policy"],
        DurationSeconds=request.get("duration", 3600),
    )["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


def _made_up(arn: str) -> dict[str, str]:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return dict.fromkeys(names, f"secret of {arn}")


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


if __name__ == "__main__":
    sys.exit(main())
