"""What code of a stage could try with its session: become each of Jenkins' roles. `steal STAGE`.

Writes what came of it to ``stolen-STAGE.json`` in the folder ``STAND_IN``; of a stage that is a
path, its last part counts: as `make` it is given targets.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError, NoCredentialsError

ROLES = (
    ("PLAN_ROLE", "PROD_ACCOUNT"),
    ("DEPLOY_ROLE", "PROD_ACCOUNT"),
    ("DEPLOY_ROLE", "DEV_ACCOUNT"),
    ("BUILD_ROLE", "JENKINS_ACCOUNT"),
    # Not narrowed, it would be all of the above again.
    ("JENKINS_ROLE", "JENKINS_ACCOUNT"),
)


def main() -> None:
    """Try, and note."""
    found = {
        f"{role} in {account}": _try(boto3.Session(), role, account) for role, account in ROLES
    }
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    found["without a session"] = _try(boto3.Session(), *ROLES[1])
    note = Path(os.environ["STAND_IN"], f"stolen-{Path(sys.argv[1]).name}.json")
    note.write_text(json.dumps(found), encoding="utf-8")


def _try(session: boto3.Session, role: str, account: str) -> str:
    factory: Any = session.client
    try:
        factory("sts").assume_role(
            RoleArn=f"arn:aws:iam::{os.environ[account]}:role/{os.environ[role]}",
            RoleSessionName="thief",
            ExternalId=os.environ["EXTERNAL_ID"],
        )
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    except NoCredentialsError:
        return "NoCredentials"
    return "allowed"


if __name__ == "__main__":
    main()
