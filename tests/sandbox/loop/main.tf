# The kinds of resources that the platform's roots are made of, as small as they can be.

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
  backend "s3" {}
}

variable "lambda_package" {
  description = "Path of a Lambda zip."
  type        = string
}

provider "aws" {
  allowed_account_ids = ["444444444444"]
  default_tags { tags = { project = "loop" } }
}

data "aws_caller_identity" "this" {}
data "aws_region" "this" {}

locals {
  account = data.aws_caller_identity.this.account_id
  region  = data.aws_region.this.name
}

# Storage ---------------------------------------------------------------------------------

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "AccessLogs"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.data.arn}/logs/*"]
    principals {
      type        = "Service"
      identifiers = ["logging.s3.amazonaws.com"]
    }
  }
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket" "data" {
  bucket        = "loop-data"
  force_destroy = true
}

resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = data.aws_iam_policy_document.bucket.json
}

resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.this.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "data" {
  bucket = aws_s3_bucket.data.id
  rule { object_ownership = "BucketOwnerEnforced" }
}

resource "aws_s3_bucket_lifecycle_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    id     = "intermediate"
    status = "Enabled"
    filter { prefix = "tmp/" }
    expiration { days = 30 }
    noncurrent_version_expiration { noncurrent_days = 30 }
    abort_incomplete_multipart_upload { days_after_initiation = 7 }
  }
}

resource "aws_s3_bucket_notification" "data" {
  bucket      = aws_s3_bucket.data.id
  eventbridge = true
}

resource "aws_s3_bucket_logging" "data" {
  bucket        = aws_s3_bucket.data.id
  target_bucket = aws_s3_bucket.data.id
  target_prefix = "logs/"
  depends_on    = [aws_s3_bucket_policy.data]
}

resource "aws_s3_object" "marker" {
  bucket  = aws_s3_bucket.data.id
  key     = "marker.txt"
  content = "here"
}

# Keys ------------------------------------------------------------------------------------

data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
  }
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"] # nor does it tell the topic's key
    }
  }
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_kms_key" "this" {
  description             = "loop"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "this" {
  name          = "alias/loop"
  target_key_id = aws_kms_key.this.key_id
}

# Roles -----------------------------------------------------------------------------------

data "aws_iam_policy_document" "trust" {
  for_each = toset(["lambda", "events", "sagemaker"])
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "role" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.data.arn}/*"]
  }
}

resource "aws_iam_role" "this" {
  for_each           = data.aws_iam_policy_document.trust
  name               = "loop-${each.key}"
  assume_role_policy = each.value.json
}

resource "aws_iam_role_policy" "this" {
  for_each = aws_iam_role.this
  name     = "inline"
  role     = each.value.name
  policy   = data.aws_iam_policy_document.role.json
}

resource "aws_iam_policy" "this" {
  name   = "loop"
  policy = data.aws_iam_policy_document.role.json
}

resource "aws_iam_role_policy_attachment" "this" {
  role       = aws_iam_role.this["sagemaker"].name
  policy_arn = aws_iam_policy.this.arn
}

resource "aws_iam_role_policy_attachment" "managed" {
  role       = aws_iam_role.this["lambda"].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

# Alerts ----------------------------------------------------------------------------------

resource "aws_sns_topic" "alerts" {
  name              = "loop-alerts"
  kms_master_key_id = aws_kms_key.this.key_id
}

data "aws_iam_policy_document" "topic" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts.arn]
    # No condition: EventBridge tells a topic nothing of the rule.
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_sns_topic_policy" "alerts" {
  arn    = aws_sns_topic.alerts.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_sns_topic_subscription" "alerts" {
  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = "people@example.com"
}

# Provider 5.100 waits 25 s after each write to a queue: the policies are given inline.
resource "aws_sqs_queue" "dead" {
  name                      = "loop-dlq"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  policy                    = data.aws_iam_policy_document.queue.json
}

resource "aws_sqs_queue" "work" {
  name = "loop-work"
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 3
  })
}

data "aws_iam_policy_document" "queue" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:${local.region}:${local.account}:loop-dlq"]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

# Functions -------------------------------------------------------------------------------

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/loop-echo"
  retention_in_days = 30
}

resource "aws_lambda_function" "echo" {
  function_name    = "loop-echo"
  role             = aws_iam_role.this["lambda"].arn
  runtime          = "python3.12"
  handler          = "echo.handler"
  filename         = var.lambda_package
  source_code_hash = filebase64sha256(var.lambda_package)
  timeout          = 20
  memory_size      = 256
  environment { variables = { GREETING = "hello" } }
  dead_letter_config { target_arn = aws_sqs_queue.dead.arn }
  depends_on = [aws_cloudwatch_log_group.function]
}

resource "aws_lambda_function_event_invoke_config" "echo" {
  function_name                = aws_lambda_function.echo.function_name
  maximum_retry_attempts       = 1
  maximum_event_age_in_seconds = 3600
}

resource "aws_lambda_permission" "events" {
  statement_id  = "events"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.echo.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.pattern.arn
}

# Events ----------------------------------------------------------------------------------

resource "aws_cloudwatch_event_bus" "this" {
  name = "loop"
}

resource "aws_cloudwatch_event_rule" "pattern" {
  name = "loop-pattern"
  event_pattern = jsonencode({
    source      = ["promotion.data-quality"]
    detail-type = ["Data Drift Detected"]
  })
}

resource "aws_cloudwatch_event_rule" "custom_bus" {
  name           = "loop-custom"
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_pattern  = jsonencode({ source = [{ prefix = "x" }] })
}

resource "aws_cloudwatch_event_rule" "schedule" {
  name                = "loop-schedule"
  schedule_expression = "cron(0 6 * * ? *)"
}

resource "aws_cloudwatch_event_target" "function" {
  rule = aws_cloudwatch_event_rule.pattern.name
  arn  = aws_lambda_function.echo.arn
  dead_letter_config { arn = aws_sqs_queue.dead.arn }
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 2
  }
}

resource "aws_cloudwatch_event_target" "topic" {
  rule = aws_cloudwatch_event_rule.pattern.name
  arn  = aws_sns_topic.alerts.arn
  input_transformer {
    input_paths    = { use_case = "$.detail.use_case" }
    input_template = "\"Drift in <use_case>\""
  }
}

resource "aws_cloudwatch_event_target" "pipeline" {
  rule     = aws_cloudwatch_event_rule.schedule.name
  arn      = "arn:aws:sagemaker:${local.region}:${local.account}:pipeline/loop"
  role_arn = aws_iam_role.this["events"].arn
  sagemaker_pipeline_target {
    pipeline_parameter_list {
      name  = "BatchDate"
      value = "$.time"
    }
  }
}

# Registry, table, alarm ------------------------------------------------------------------

resource "aws_sagemaker_model_package_group" "this" {
  model_package_group_name        = "loop"
  model_package_group_description = "loop"
}

data "aws_iam_policy_document" "group" {
  statement {
    sid       = "Register"
    actions   = ["sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage"]
    resources = ["arn:aws:sagemaker:${local.region}:${local.account}:model-package/loop/*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::333333333333:root"]
    }
  }
}

resource "aws_sagemaker_model_package_group_policy" "this" {
  model_package_group_name = aws_sagemaker_model_package_group.this.model_package_group_name
  resource_policy          = jsonencode(jsondecode(data.aws_iam_policy_document.group.json))
}

resource "aws_dynamodb_table" "ledger" {
  name         = "loop-ledger"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "subject"
  range_key    = "sequence"
  attribute {
    name = "subject"
    type = "S"
  }
  attribute {
    name = "sequence"
    type = "N"
  }
  point_in_time_recovery { enabled = true }
  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.this.arn
  }
}

resource "aws_cloudwatch_metric_alarm" "dead" {
  alarm_name          = "loop-dlq"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alerts.arn]
}

resource "aws_ssm_parameter" "this" {
  name  = "/loop/parameter"
  type  = "String"
  value = "x"
}
