mock_provider "aws" {}

variables {
  name                     = "acme-ml-dev"
  account_id               = "333333333333"
  region                   = "eu-west-1"
  vpc_id                   = "vpc-0123456789abcdef0"
  subnet_ids               = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  role_name                = "sagemaker-execution-role-studio"
  permissions_boundary_arn = "arn:aws:iam::333333333333:policy/acme-ml-dev-boundary"
  kms_key_arn              = "arn:aws:kms:eu-west-1:333333333333:key/11111111-2222-3333-4444-555555555555"
  data_bucket              = "acme-ml-dev-data"
  use_cases                = ["mammography"]
  pipeline_names           = ["mammography-train"]
}

run "domain_is_encrypted_and_inside_the_vpc" {
  command = plan

  assert {
    condition     = aws_sagemaker_domain.this.app_network_access_type == "VpcOnly" && aws_sagemaker_domain.this.vpc_id == var.vpc_id && aws_sagemaker_domain.this.subnet_ids == var.subnet_ids && aws_sagemaker_domain.this.auth_mode == "IAM"
    error_message = "Notebooks may have no way to the internet but the VPC's."
  }

  assert {
    condition     = aws_sagemaker_domain.this.kms_key_id == var.kms_key_arn
    error_message = "Home folders must be encrypted with the environment's key."
  }

  assert {
    condition     = aws_sagemaker_domain.this.default_user_settings[0].sharing_settings[0].notebook_output_option == "Disabled"
    error_message = "Notebook outputs may not be shared."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.apps.from_port == 8192 && aws_vpc_security_group_ingress_rule.apps.cidr_ipv4 == null
    error_message = "Only the domain's own apps may connect."
  }
}

run "notebooks_look_and_write_to_scratch_only" {
  command = plan

  assert {
    condition     = aws_iam_role.this.name == "sagemaker-execution-role-studio" && aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn
    error_message = "The role must carry the account's boundary."
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [
      {
        Sid       = "SageMaker"
        Effect    = "Allow"
        Principal = { Service = "sagemaker.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "aws:SourceAccount" = "333333333333" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      { Sid = "RunOwnApps", Effect = "Allow", Action = ["sagemaker:CreateApp", "sagemaker:DeleteApp", "sagemaker:DescribeApp"], Resource = "arn:aws:sagemaker:eu-west-1:333333333333:app/*" },
      { Sid = "RunOwnSpaces", Effect = "Allow", Action = ["sagemaker:CreateSpace", "sagemaker:DeleteSpace", "sagemaker:DescribeSpace", "sagemaker:UpdateSpace"], Resource = "arn:aws:sagemaker:eu-west-1:333333333333:space/*" },
      { Sid = "SeeDomain", Effect = "Allow", Action = ["sagemaker:DescribeDomain", "sagemaker:DescribeUserProfile"], Resource = ["arn:aws:sagemaker:eu-west-1:333333333333:domain/*", "arn:aws:sagemaker:eu-west-1:333333333333:user-profile/*"] },
      { Sid = "ListDomain", Effect = "Allow", Action = ["sagemaker:ListApps", "sagemaker:ListDomains", "sagemaker:ListSpaces", "sagemaker:ListUserProfiles"], Resource = "*" },
      {
        Sid      = "SeePipelines"
        Effect   = "Allow"
        Action   = ["sagemaker:DescribePipeline", "sagemaker:DescribePipelineDefinitionForExecution", "sagemaker:DescribePipelineExecution", "sagemaker:ListPipelineExecutionSteps", "sagemaker:ListPipelineExecutions", "sagemaker:ListPipelineParametersForExecution"]
        Resource = ["arn:aws:sagemaker:eu-west-1:333333333333:pipeline/mammography-train", "arn:aws:sagemaker:eu-west-1:333333333333:pipeline/mammography-train/execution/*"]
      },
      { Sid = "ReadData", Effect = "Allow", Action = "s3:GetObject", Resource = ["arn:aws:s3:::acme-ml-dev-data/mammography/*"] },
      { Sid = "WriteScratch", Effect = "Allow", Action = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], Resource = "arn:aws:s3:::acme-ml-dev-data/studio/*" },
      {
        Sid       = "ListData"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-dev-data"
        Condition = { StringLike = { "s3:prefix" = ["mammography/*", "studio/*"] } }
      },
      {
        Sid       = "UseDataKeyThroughS3"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "arn:aws:kms:eu-west-1:333333333333:key/11111111-2222-3333-4444-555555555555"
        Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
      },
      {
        Sid       = "EncryptVolumes"
        Effect    = "Allow"
        Action    = "kms:CreateGrant"
        Resource  = "arn:aws:kms:eu-west-1:333333333333:key/11111111-2222-3333-4444-555555555555"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
      { Sid = "WriteAppLogs", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], Resource = ["arn:aws:logs:eu-west-1:333333333333:log-group:/aws/sagemaker/studio", "arn:aws:logs:eu-west-1:333333333333:log-group:/aws/sagemaker/studio:*"] },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = !can(regex("CreateModelPackage|UpdateModelPackage|StartPipelineExecution|Create[A-Za-z]*Job|PassRole", aws_iam_role_policy.this.policy))
    error_message = "A notebook registers nothing, approves nothing and starts nothing."
  }
}
