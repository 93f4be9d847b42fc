# What jobs and notebooks write to. SageMaker makes these groups itself at the first job, and would
# keep their events for ever; the names are SageMaker's and the same in every account.
# https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
resource "aws_cloudwatch_log_group" "sagemaker" {
  #checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts by itself, and the steps log counts and names, never rows.
  for_each = toset(["ProcessingJobs", "TrainingJobs", "TransformJobs", "studio"])

  name              = "/aws/sagemaker/${each.key}"
  retention_in_days = var.log_retention_days
}
