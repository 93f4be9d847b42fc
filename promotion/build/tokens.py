"""Tokens: `${...}` in definitions that stand for values of an environment or of the release.

Pure. `promotion.build.resolve` gives the values; `docs/reference/use-case.md` lists them.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

TOKEN = re.compile(r"\$\{([^{}]*)\}")

ENVIRONMENT_TOKENS = frozenset(
    {
        "env.project",
        "env.environment",
        "env.account_id",
        "env.region",
        "env.data_bucket",
        "env.artifact_bucket",
        "env.execution_role_arn",
        "env.kms_key_arn",
        "env.model_package_group_arn",
        "env.resolve_model_function_arn",
        "env.resolve_batch_function_arn",
        "env.emit_drift_function_arn",
    }
)
RELEASE_TOKENS = frozenset({"release.digest", "release.git_commit", "use_case.name"})


def tokens_in(text: str) -> Iterator[str]:
    """Yield the name of each token in a text."""
    yield from TOKEN.findall(text)


def token_problem(
    name: str, *, pipelines: Collection[str], code: Collection[str], images: Collection[str] | None
) -> str | None:
    """Return what is wrong with a token's name, or None.

    Args:
        name: what stands between the braces.
        pipelines: keys of the use case's pipelines.
        code: paths of the release's code.
        images: names of the environment's images; None during the build, when any name may do.
    """
    if name in ENVIRONMENT_TOKENS | RELEASE_TOKENS:
        return None
    group, _, rest = name.partition(".")
    match group:
        case "image" if rest:
            known = images is None or rest in images
            return None if known else f"${{{name}}}: the environment has no image {rest!r}"
        case "code" if rest:
            return None if rest in code else f"${{{name}}}: the use case has no file {rest!r}"
        case "wheels" if rest:
            known = any(path.startswith(f"wheels/{rest}/") for path in code)
            return None if known else f"${{{name}}}: the use case has no wheels {rest!r}"
        case "use_case" if rest.startswith("pipelines."):
            key = rest.removeprefix("pipelines.")
            return None if key in pipelines else f"${{{name}}}: no pipeline {key!r} is declared"
        case _:
            return f"${{{name}}}: unknown token"


def substitute(value: Any, values: Mapping[str, str]) -> Any:
    """Return a JSON value with every token in its texts replaced.

    Raises:
        KeyError: a token has no value.
    """
    if isinstance(value, str):
        return TOKEN.sub(lambda match: values[match[1]], value) if "${" in value else value
    if isinstance(value, dict):
        return {key: substitute(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [substitute(inner, values) for inner in value]
    return value
