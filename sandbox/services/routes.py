"""Which operation is served by which of our services; all others go to moto.

Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.events.api import EventsApi
    from sandbox.gateway import Handler
    from sandbox.services.iam import IamApi
    from sandbox.services.lambda_api import LambdaApi
    from sandbox.services.quotas import QuotasApi
    from sandbox.services.s3 import S3Api
    from sandbox.services.sagemaker import SageMakerApi
    from sandbox.services.sqs import SqsApi
    from sandbox.services.sts import StsApi


def routes(
    *,
    events: EventsApi,
    functions: LambdaApi,
    iam: IamApi,
    quotas: QuotasApi,
    s3: S3Api,
    sagemaker: SageMakerApi,
    sqs: SqsApi,
    sts: StsApi,
) -> dict[tuple[str, str], Handler]:
    """Return handlers by botocore's service name and operation."""
    return {
        ("events", "PutEvents"): events.put_events,
        ("events", "PutPermission"): events.put_permission,
        ("events", "PutRule"): events.put_rule,
        ("events", "PutTargets"): events.put_targets,
        ("events", "TestEventPattern"): events.test_event_pattern,
        ("iam", "*"): iam.handle,
        ("lambda", "Invoke"): functions.invoke,
        ("lambda", "CreateFunction"): functions.save_configuration,
        ("lambda", "UpdateFunctionConfiguration"): functions.save_configuration,
        ("lambda", "GetFunction"): functions.show_configuration,
        ("lambda", "GetFunctionConfiguration"): functions.show_configuration,
        ("lambda", "DeleteFunction"): functions.delete_function,
        ("lambda", "PutFunctionEventInvokeConfig"): functions.put_event_invoke_config,
        ("s3", "GetBucketNotificationConfiguration"): s3.get_notification,
        ("s3", "PutObject"): s3.put_object,
        **{("s3", operation): s3.refuse for operation in s3.REFUSED},
        ("sagemaker", "*"): sagemaker.handle,
        ("service-quotas", "ListAWSDefaultServiceQuotas"): quotas.list_quotas,
        ("service-quotas", "ListServiceQuotas"): quotas.list_quotas,
        ("sqs", "CreateQueue"): sqs.create,
        ("sqs", "SetQueueAttributes"): sqs.set_attributes,
        ("sqs", "GetQueueAttributes"): sqs.get_attributes,
        ("sqs", "DeleteQueue"): sqs.delete,
        ("sts", "AssumeRole"): sts.assume_role,
        ("sts", "GetCallerIdentity"): sts.get_caller_identity,
        **{("sts", operation): sts.refuse for operation in sts.REFUSED},
    }
