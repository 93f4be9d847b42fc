"""The peer: builds the mammography pipelines with the SageMaker SDK and upserts them.

Run as a script with the folder of the project, a JSON file with the value of each token and, to
have the steps' code uploaded too, the folder of the code. Calls the account that the environment
variables lead to.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

TOKEN = re.compile(r"\$\{([^{}]*)\}")


def main(root: str, values_path: str, code: str = "") -> None:
    """Build and upsert both pipelines, and upload the code as the SDK does at each build."""
    sys.path.insert(0, root)
    from pipelines.mammography import inference, train

    values = json.loads(Path(values_path).read_text(encoding="utf-8"))
    if code:
        from sagemaker.core.helper.session_helper import Session
        from sagemaker.core.s3 import S3Uploader

        place = f"s3://{values['env.data_bucket']}/sdk/"
        S3Uploader.upload(code, place, sagemaker_session=Session())
    for key, module in (("train", train), ("inference", inference)):
        pipeline = module.pipeline()
        text = TOKEN.sub(lambda match: values[match[1]], pipeline.definition())
        pipeline.name = f"sdk-{values[f'use_case.pipelines.{key}']}"
        # The tokens are promote's: a script of one's own would have the values in the source.
        pipeline.definition = lambda text=text: text
        pipeline.upsert(role_arn=values["env.execution_role_arn"])


if __name__ == "__main__":
    main(*sys.argv[1:])
