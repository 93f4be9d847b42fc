"""SageMaker's condition keys that come from a request's parameters.

Pure. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.authorization.requirement import Values
    from sandbox.model import Document
    from sandbox.services.call import Call

_APPROVAL = {"CreateModelPackage", "UpdateModelPackage"}


def condition_keys(call: Call) -> dict[str, Values]:
    """Return the condition keys of a request, in lower case."""
    given = call.parameters
    found = _package_keys(given) if call.operation in _APPROVAL else _job_keys(given)
    return {f"sagemaker:{name}": values for name, values in found.items() if any(values)}


def _package_keys(given: Document) -> dict[str, Values]:
    life_cycle = given.get("ModelLifeCycle") or {}
    metadata = given.get("CustomerMetadataProperties") or {}
    return {
        "modelapprovalstatus": _texts(given.get("ModelApprovalStatus")),
        "modellifecycle:stage": _texts(life_cycle.get("Stage")),
        "modellifecycle:stagestatus": _texts(life_cycle.get("StageStatus")),
        "customermetadatapropertiestoremove": _texts(
            given.get("CustomerMetadataPropertiesToRemove")
        ),
        **{f"customermetadataproperties/{k.lower()}": _texts(v) for k, v in metadata.items()},
    }


def _job_keys(given: Document) -> dict[str, Values]:
    processing = given.get("ProcessingResources") or {}
    cluster = (
        given.get("ResourceConfig")
        or processing.get("ClusterConfig")
        or given.get("TransformResources")
        or {}
    )
    network = given.get("NetworkConfig") or {}
    vpc = given.get("VpcConfig") or network.get("VpcConfig") or {}
    output = (
        given.get("OutputDataConfig")
        or given.get("ProcessingOutputConfig")
        or given.get("TransformOutput")
        or {}
    )
    isolation = given.get("EnableNetworkIsolation", network.get("EnableNetworkIsolation"))
    return {
        "instancetypes": _texts(cluster.get("InstanceType")),
        "volumekmskey": _texts(cluster.get("VolumeKmsKeyId")),
        "outputkmskey": _texts(output.get("KmsKeyId")),
        "networkisolation": _texts(isolation),
        "vpcsubnets": _texts(vpc.get("Subnets")),
        "vpcsecuritygroupids": _texts(vpc.get("SecurityGroupIds")),
    }


def _texts(value: Any) -> Values:
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, list):
        return tuple(str(one) for one in value)
    return (str(value),) if value else ()
