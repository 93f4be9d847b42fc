"""What a pull request could try with the session of its stage: become each of Jenkins' roles.

Writes what came of it to ``stolen.json`` in the folder ``STAND_IN``; always ends with exit code 1.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError, NoCredentialsError

PROD, TOOLING = "444444444444", os.environ["JENKINS_ACCOUNT"]
ROLES = {"PLAN_ROLE": PROD, "DEPLOY_ROLE": PROD, "BUILD_ROLE": TOOLING}


def main() -> int:
    """Try, and note."""
    found = {os.environ[role]: _try(boto3.Session(), role, ROLES[role]) for role in ROLES}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        del os.environ[name]
    found["without a session"] = _try(boto3.Session(), "DEPLOY_ROLE", PROD)
    Path(os.environ["STAND_IN"], "stolen.json").write_text(json.dumps(found), encoding="utf-8")
    return 1


def _try(session: boto3.Session, role: str, account: str) -> str:
    factory: Any = session.client
    try:
        factory("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{os.environ[role]}",
            RoleSessionName="thief",
            ExternalId=os.environ["EXTERNAL_ID"],
        )
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    except NoCredentialsError:
        return "NoCredentials"
    return "allowed"


if __name__ == "__main__":
    sys.exit(main())
