"""Checks and converts the hyperparameters of XGBoost's algorithm mode; runs inside a job.

Reads, writes and calls nothing. Names, ranges and messages follow hyperparameter_validation.py
of https://github.com/aws/sagemaker-xgboost-container; SageMaker hands over every value as text.
"""

from __future__ import annotations

import ast
import math
from typing import Any

from xgboost_data import UserError  # type: ignore[import-not-found]  # beside this file

_INF = math.inf
# name: (type, low, high, low is allowed, high is allowed)
_NUMBERS: dict[str, tuple[type, float, float, bool, bool]] = {
    "num_round": (int, 1, _INF, True, True),
    "csv_weights": (int, 0, 1, True, True),
    "early_stopping_rounds": (int, 1, _INF, True, True),
    "verbosity": (int, 0, 3, True, True),
    "nthread": (int, 1, _INF, True, True),
    "eta": (float, 0, 1, True, True),
    "gamma": (float, 0, _INF, True, True),
    "max_depth": (int, 0, _INF, True, True),
    "min_child_weight": (float, 0, _INF, True, True),
    "max_delta_step": (float, 0, _INF, True, True),
    "subsample": (float, 0, 1, False, True),
    "colsample_bytree": (float, 0, 1, False, True),
    "colsample_bylevel": (float, 0, 1, False, True),
    "colsample_bynode": (float, 0, 1, False, True),
    "lambda": (float, 0, _INF, True, True),
    "alpha": (float, 0, _INF, True, True),
    "scale_pos_weight": (float, 0, _INF, False, True),
    "refresh_leaf": (int, 0, 1, True, True),
    "max_leaves": (int, 0, _INF, True, True),
    "max_bin": (int, 0, _INF, True, True),
    "rate_drop": (float, 0, 1, True, True),
    "one_drop": (int, 0, 1, True, True),
    "skip_drop": (float, 0, 1, True, True),
    "lambda_bias": (float, 0, 1, True, True),
    "tweedie_variance_power": (float, 1, 2, False, False),
    "num_class": (int, 2, _INF, True, True),
    "base_score": (float, 0, _INF, True, True),
    "seed": (int, -(2**31), 2**31 - 1, False, False),
    "num_parallel_tree": (int, 1, _INF, True, True),
}
_CHOICES: dict[str, list[str]] = {
    "booster": ["gbtree", "gblinear", "dart"],
    "tree_method": ["auto", "exact", "approx", "hist"],
    "process_type": ["default", "update"],
    "grow_policy": ["depthwise", "lossguide"],
    "sample_type": ["uniform", "weighted"],
    "normalize_type": ["tree", "forest"],
    "save_model_on_termination": ["true", "false"],
    "aft_loss_distribution": ["normal", "logistic", "extreme"],
    "objective": [
        "binary:logistic",
        "binary:logitraw",
        "binary:hinge",
        "count:poisson",
        "multi:softmax",
        "multi:softprob",
        "rank:pairwise",
        "rank:ndcg",
        "rank:map",
        "reg:linear",
        "reg:squarederror",
        "reg:logistic",
        "reg:gamma",
        "reg:pseudohubererror",
        "reg:squaredlogerror",
        "reg:absoluteerror",
        "reg:tweedie",
        "survival:aft",
        "survival:cox",
    ],
}
_METRICS = frozenset(
    (
        "auc aucpr map ndcg aft-nloglik cox-nloglik error gamma-deviance gamma-nloglik "
        "interval-regression-accuracy logloss mae mape merror mlogloss mphe poisson-nloglik rmse "
        "rmsle tweedie-nloglik"
    ).split()
)
_ALIASES = {
    "learning_rate": "eta",
    "min_split_loss": "gamma",
    "reg_lambda": "lambda",
    "reg_alpha": "alpha",
}
_STRUCTURES = frozenset({"monotone_constraints", "interaction_constraints"})
_IGNORED = frozenset({"predictor", "dsplit", "sketch_eps", "deterministic_histogram"})


def validate(given: dict[str, str]) -> dict[str, Any]:
    """Return the parameters for XGBoost.

    Raises:
        UserError: A name, value or combination that the image refuses.
    """
    values = {_ALIASES.get(name, name): value for name, value in given.items()}
    if "num_round" not in values:
        raise UserError("Missing required hyperparameter: num_round")
    parameters = {
        name: _parse(name, value) for name, value in values.items() if name not in _IGNORED
    }
    _check_combinations(parameters)
    if parameters.get("objective") == "reg:linear":  # its name before XGBoost 1.0
        parameters["objective"] = "reg:squarederror"
    return parameters


def _parse(name: str, text: str) -> Any:
    if name in _NUMBERS:
        return _number(name, text)
    if name in _CHOICES:
        if text not in _CHOICES[name]:
            raise UserError(f"Hyperparameter {name}: {text} is not in {_CHOICES[name]}")
        return text
    if name == "eval_metric":
        return [_metric(metric) for metric in text.split(",")]
    if name == "updater":
        return text
    if name in _STRUCTURES:
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError) as error:
            raise _unparsable(name, error) from error
    raise UserError(f"Extraneous hyperparameter found: {name}")


def _number(name: str, text: str) -> float:
    kind, low, high, low_closed, high_closed = _NUMBERS[name]
    try:
        value: float = kind(text)
    except ValueError as error:
        raise _unparsable(name, error) from error
    above = value >= low if low_closed else value > low
    below = value <= high if high_closed else value < high
    if not (above and below):
        left = f"{'[' if low_closed else '('}{low}"
        right = "+inf)" if high == _INF else f"{high}{']' if high_closed else ')'}"
        raise UserError(f"Hyperparameter {name}: {value} is not in {left}, {right}")
    return value


def _metric(metric: str) -> str:
    name = metric.partition("@")[0].strip()
    if name not in _METRICS or ("@" in metric and name not in {"error", "ndcg", "map"}):
        raise UserError(
            f"Hyperparameter eval_metric: value {metric} not in range {sorted(_METRICS)} (the "
            "sandbox computes XGBoost's own metrics only)"
        )
    return metric


def _check_combinations(parameters: dict[str, Any]) -> None:
    objective = str(parameters.get("objective", ""))
    if objective.startswith("multi:") and "num_class" not in parameters:
        raise UserError("Require input for parameter 'num_class' for multi-classification")
    metrics = parameters.get("eval_metric", [])
    if "auc" in metrics and not objective.startswith(("binary:", "rank:")):
        raise UserError("Metric 'auc' can only be applied for classification and ranking problems.")
    if "aft-nloglik" in metrics and objective != "survival:aft":
        raise UserError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")


def _unparsable(name: str, error: Exception) -> UserError:
    return UserError(
        f"Hyperparameter {name}: could not parse value (caused by {type(error).__name__})"
    )
