mock_provider "aws" {}

variables {
  environment              = "prod"
  account_id               = "444444444444"
  region                   = "eu-west-1"
  registry_account_id      = "222222222222"
  role_name                = "sagemaker-execution-role"
  permissions_boundary_arn = "arn:aws:iam::444444444444:policy/acme-ml-prod-boundary"
  model_package_groups     = { mammography = "mammography" }
  data_bucket              = "acme-ml-prod-data"
  artifact_bucket          = "acme-ml-model-artifacts"
  kms_key_arn              = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
  foreign_key_accounts     = ["222222222222", "333333333333"]
  function_arns            = ["arn:aws:lambda:eu-west-1:444444444444:function:acme-ml-prod-resolve-model"]
  images                   = ["141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"]
}

run "role_is_confined_to_its_use_case" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this["mammography"].assume_role_policy).Statement == [
      {
        Sid       = "SageMaker"
        Effect    = "Allow"
        Principal = { Service = "sagemaker.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "aws:SourceAccount" = "444444444444" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this["mammography"].policy).Statement == [
      {
        Sid    = "RunPipelineJobs"
        Effect = "Allow"
        Action = [
          "sagemaker:AddTags",
          "sagemaker:CreateModel",
          "sagemaker:CreateProcessingJob",
          "sagemaker:CreateTrainingJob",
          "sagemaker:CreateTransformJob",
          "sagemaker:DescribeProcessingJob",
          "sagemaker:DescribeTrainingJob",
          "sagemaker:DescribeTransformJob",
          "sagemaker:StopProcessingJob",
          "sagemaker:StopTrainingJob",
          "sagemaker:StopTransformJob",
        ]
        Resource = ["arn:aws:sagemaker:eu-west-1:444444444444:model/pipelines-*", "arn:aws:sagemaker:eu-west-1:444444444444:processing-job/pipelines-*", "arn:aws:sagemaker:eu-west-1:444444444444:training-job/pipelines-*", "arn:aws:sagemaker:eu-west-1:444444444444:transform-job/pipelines-*"]
      },
      { Sid = "InvokePipelineFunctions", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = ["arn:aws:lambda:eu-west-1:444444444444:function:acme-ml-prod-resolve-model"] },
      {
        Sid       = "UseDataKeyThroughS3"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
        Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
      },
      {
        Sid       = "EncryptJobVolumes"
        Effect    = "Allow"
        Action    = "kms:CreateGrant"
        Resource  = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
      {
        Sid       = "ReadModelsThroughS3"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = ["arn:aws:kms:eu-west-1:222222222222:key/*", "arn:aws:kms:eu-west-1:333333333333:key/*"]
        Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
      },
      {
        Sid       = "WriteArtifactsThroughS3"
        Effect    = "Allow"
        Action    = "kms:GenerateDataKey"
        Resource  = "arn:aws:kms:eu-west-1:222222222222:key/*"
        Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
      },
      {
        Sid       = "RunJobsAsItself"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = "arn:aws:iam::444444444444:role/sagemaker-execution-role-mammography"
        Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
      },
      {
        Sid      = "RegisterPendingVersions"
        Effect   = "Allow"
        Action   = "sagemaker:CreateModelPackage"
        Resource = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
        Condition = {
          StringEquals = { "sagemaker:ModelApprovalStatus" = "PendingManualApproval" }
          Null         = { "sagemaker:ModelLifeCycle:Stage" = "true", "sagemaker:ModelLifeCycle:StageStatus" = "true" }
        }
      },
      { Sid = "FindGroup", Effect = "Allow", Action = "sagemaker:DescribeModelPackageGroup", Resource = "arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography" },
      { Sid = "ServeVersions", Effect = "Allow", Action = ["sagemaker:CreateModel", "sagemaker:DescribeModelPackage"], Resource = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*" },
      { Sid = "ReadCodeAndOwnData", Effect = "Allow", Action = "s3:GetObject", Resource = ["arn:aws:s3:::acme-ml-prod-data/code/*", "arn:aws:s3:::acme-ml-prod-data/mammography/*", "arn:aws:s3:::acme-ml-model-artifacts/*/mammography/*"] },
      { Sid = "WriteOwnResults", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:PutObject"], Resource = ["arn:aws:s3:::acme-ml-prod-data/mammography/*", "arn:aws:s3:::acme-ml-model-artifacts/prod/mammography/*"] },
      {
        Sid       = "ListCodeAndOwnData"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-prod-data"
        Condition = { StringLike = { "s3:prefix" = ["code/*", "mammography/*"] } }
      },
      {
        Sid       = "ListOwnArtifacts"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts"
        Condition = { StringLike = { "s3:prefix" = "*/mammography/*" } }
      },
      { Sid = "PullImages", Effect = "Allow", Action = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], Resource = ["arn:aws:ecr:eu-west-1:141502667606:repository/sagemaker-xgboost"] },
      { Sid = "LogInToRegistries", Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
      { Sid = "WriteJobLogs", Effect = "Allow", Action = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], Resource = ["arn:aws:logs:eu-west-1:444444444444:log-group:/aws/sagemaker/ProcessingJobs", "arn:aws:logs:eu-west-1:444444444444:log-group:/aws/sagemaker/TrainingJobs", "arn:aws:logs:eu-west-1:444444444444:log-group:/aws/sagemaker/TransformJobs", "arn:aws:logs:eu-west-1:444444444444:log-group:/aws/sagemaker/ProcessingJobs:*", "arn:aws:logs:eu-west-1:444444444444:log-group:/aws/sagemaker/TrainingJobs:*", "arn:aws:logs:eu-west-1:444444444444:log-group:/aws/sagemaker/TransformJobs:*"] },
      {
        Sid       = "WriteJobMetrics"
        Effect    = "Allow"
        Action    = "cloudwatch:PutMetricData"
        Resource  = "*"
        Condition = { StringLike = { "cloudwatch:namespace" = "/aws/sagemaker/*" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }
}

run "role_is_bounded_and_decides_nothing" {
  command = plan

  assert {
    condition     = aws_iam_role.this["mammography"].permissions_boundary == var.permissions_boundary_arn
    error_message = "The role must carry the account's boundary."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.this["mammography"].policy, "UpdateModelPackage") && !strcontains(aws_iam_role_policy.this["mammography"].policy, "Delete")
    error_message = "A pipeline approves nothing and deletes nothing."
  }
}

run "use_cases_have_roles_of_their_own" {
  command = plan

  variables {
    model_package_groups = { fraud = "fraud", mammography = "mammography" }
  }

  assert {
    condition     = { for name, role in aws_iam_role.this : name => role.name } == { fraud = "sagemaker-execution-role-fraud", mammography = "sagemaker-execution-role-mammography" }
    error_message = "Every use case needs a role."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.this["fraud"].policy, "mammography")
    error_message = "A use case may not reach another one's data or models."
  }
}
