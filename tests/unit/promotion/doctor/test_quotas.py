"""Which instances an environment's file asks for."""

from pathlib import Path

import pytest

from promotion.config import load_workload
from promotion.doctor.checks.quotas import wanted_instances

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, {}),
        ({"train": {"MinimumAuc": 0.8, "TrainingInstanceCount": 3}}, {}),
        (
            {"train": {"TrainingInstanceType": "ml.a", "TrainingInstanceCount": 3}},
            {"ml.a for training job usage": 3},
        ),
        (
            {"train": {"ProcessingInstanceType": "ml.a"},
             "inference": {"BatchProcessingInstanceType": "ml.a",
                           "BatchProcessingInstanceCount": 2}},
            {"ml.a for processing job usage": 2},
        ),
        (
            {"train": {"InstanceType": "ml.b", "InstanceCount": "many"}},
            {f"ml.b for {kind} job usage": 1 for kind in ("processing", "training", "transform")},
        ),
    ],
)  # fmt: skip
def test_wanted_instances__of_parameters__are_named_as_quotas(parameters, expected):
    environment = load_workload(ROOT, "dev")
    use_case = environment.use_cases["mammography"].model_copy(update={"parameters": parameters})
    changed = environment.model_copy(update={"use_cases": {"mammography": use_case}})
    assert wanted_instances(changed) == expected
