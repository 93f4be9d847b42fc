"""What the Terraform acts read in a state."""

from __future__ import annotations

from sandbox.proof.acts.terraform import tainted


def test_tainted__of_a_state__are_addressed_as_terraform_does() -> None:
    state = {
        "version": 4,
        "resources": [
            {
                "module": 'module.registry.module.stated["dev"]',
                "mode": "managed",
                "type": "aws_kms_key",
                "name": "this",
                "instances": [{"status": "tainted"}],
            },
            {
                "mode": "managed",
                "type": "aws_sqs_queue",
                "name": "dead",
                "instances": [{"index_key": "a", "status": "tainted"}, {"index_key": "b"}],
            },
            {
                "mode": "managed",
                "type": "aws_s3_bucket",
                "name": "logs",
                "instances": [{"index_key": 0, "status": "tainted"}],
            },
        ],
    }
    assert tainted(state) == [
        'module.registry.module.stated["dev"].aws_kms_key.this',
        'aws_sqs_queue.dead["a"]',
        "aws_s3_bucket.logs[0]",
    ]
    assert tainted({}) == []
