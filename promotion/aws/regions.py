"""Which regions there are, as botocore's own table of partitions has them. Calls nothing."""

from typing import TYPE_CHECKING

import botocore

from promotion.aws.models import models
from promotion.errors import ConfigError

if TYPE_CHECKING:
    from promotion.config import Environment


def check_region(environment: "Environment") -> None:
    """Refuse an environment in a region that AWS does not have, before anything is asked there.

    Raises:
        ConfigError: names the file, the key and the region.
    """
    if problem := region_problem(environment):
        raise ConfigError(
            problem,
            hint="correct the region; if AWS opened it only lately, update botocore and make the "
            "lock file anew",
        )


def region_problem(environment: "Environment") -> str:
    """Return what is wrong with an environment's region, with file and key; empty if nothing."""
    if environment.region in _regions():
        return ""
    return (
        f"environments/{environment.environment}.tfvars.json: region: botocore "
        f"{botocore.__version__} knows no region {environment.region!r}"
    )


def _regions() -> frozenset[str]:
    partitions = models(None).load_data("partitions")["partitions"]
    return frozenset(region for partition in partitions for region in partition["regions"])
