"""Columns and constants of the use case: the one place that names them.

The pipeline definitions hand them to the step scripts as arguments, so the scripts carry no
schema of their own. Reads, writes and calls nothing. Numbers are text where a command line or
a hyperparameter takes them as text.

Data: Elter (2007), UCI Machine Learning Repository, doi 10.24432/C53K6Z.
"""

from __future__ import annotations

ID = "id"
"""Identifier of a case in a batch; never a feature."""

FEATURES = ("bi_rads", "age", "shape", "margin", "density")
"""Model inputs in the order in which the model sees them; all numeric, any may be missing."""

CATEGORICAL = ("shape", "margin", "density")
"""Features whose numbers are codes: their drift is measured over categories."""

LABEL = "severity"
"""0 benign, 1 malignant."""

SEED = "2007"
"""Year of the data's publication; decides the split and the bootstrap."""

TEST_FRACTION = "0.25"
VALIDATION_FRACTION = "0.15"
MAXIMUM_REJECTED_FRACTION = "0.05"
"""A file with more malformed rows than this is refused as a whole."""

BOOTSTRAP_REPLICATES = "2000"

HYPERPARAMETERS: dict[str, str] = {
    "objective": "binary:logistic",
    "eval_metric": "logloss",
    "num_round": "120",
    "max_depth": "2",
    "eta": "0.05",
    "min_child_weight": "4",
    "lambda": "2",
    "tree_method": "hist",
    "seed": SEED,
}
"""Shallow, strongly regularised trees for five features and a few hundred rows: the lowest log
loss of a grid under 5-fold cross-validation on the rows that are not test rows. No row
sampling, so a run has nothing random in it."""
