"""What others do while a build goes on: `people.py FILE ACT`.

FILE has the environment variables of people and the data's places. ``deliver`` puts training data
and today's batch into dev's bucket as dev's administrator; ``approve`` approves version 1 of the
model as the approver; ``deny`` denies Jenkins one of prod's pipelines as prod's administrator.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sandbox.demo.accounts import client_of, session_of


def main() -> int:
    """Do it; exit code 1 when it is refused."""
    told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    acts = {"deliver": _deliver, "approve": _approve, "deny": _deny}
    return acts[sys.argv[2]](told)


def _deliver(told: dict[str, Any]) -> int:
    variables = told["dev-admin"]
    s3 = client_of(session_of(variables), "s3", variables["AWS_ENDPOINT_URL"])
    for key, path in told["deliveries"].items():
        s3.put_object(Bucket=told["bucket"], Key=key, Body=Path(path).read_bytes())
    return 0


def _approve(told: dict[str, Any]) -> int:
    program = str(Path(sys.executable).with_name("promote"))
    words = ["models", "approve", "mammography", "1", "--reason", "reviewed while the build waits"]
    environment = {**os.environ, **told["approver"]}
    return subprocess.run(
        [program, "--root", told["root"], *words], env=environment, check=False
    ).returncode


def _deny(told: dict[str, Any]) -> int:
    variables, denied = told["prod-admin"], told["denied"]
    iam = client_of(session_of(variables), "iam", variables["AWS_ENDPOINT_URL"])
    statement = {
        "Effect": "Deny",
        "Action": "sagemaker:UpdatePipeline",
        "Resource": f"arn:aws:sagemaker:*:*:pipeline/{denied['pipeline']}",
    }
    iam.put_role_policy(
        RoleName=denied["role"],
        PolicyName="denied-by-hand",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
