# The optional SageMaker Studio domain and its security group. Both have random ids: their tag
# scopes what Jenkins may do with them.
locals {
  domain_arn = "${local.sagemaker}:domain/*"
  ec2        = "arn:aws:ec2:${var.region}:${var.account_id}"
  group_arn  = "${local.ec2}:security-group/*"
  born_with = {
    StringEquals         = { "aws:RequestTag/Project" = var.project }
    StringEqualsIfExists = { "aws:ResourceTag/Project" = var.project }
  }
  tagged = { StringEquals = { "aws:ResourceTag/Project" = var.project } }

  studio_read = [
    {
      Sid       = "ReadDomain"
      Effect    = "Allow"
      Action    = ["sagemaker:DescribeDomain", "sagemaker:ListTags"]
      Resource  = local.domain_arn
      Condition = local.tagged
    },
    {
      # All three have no resource-level permission.
      Sid      = "ReadNetwork"
      Effect   = "Allow"
      Action   = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups"]
      Resource = "*"
    },
  ]

  studio_change = [
    {
      Sid       = "CreateDomain"
      Effect    = "Allow"
      Action    = ["sagemaker:AddTags", "sagemaker:CreateDomain"]
      Resource  = local.domain_arn
      Condition = local.born_with
    },
    {
      Sid       = "ManageDomain"
      Effect    = "Allow"
      Action    = ["sagemaker:DeleteDomain", "sagemaker:UpdateDomain"]
      Resource  = local.domain_arn
      Condition = local.tagged
    },
    {
      # SageMaker encrypts home folders and volumes as whoever makes the domain.
      # https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest-studio.html
      Sid       = "EncryptDomain"
      Effect    = "Allow"
      Action    = "kms:CreateGrant"
      Resource  = local.keys_arn
      Condition = { StringEquals = { "aws:ResourceTag/Project" = var.project }, Bool = { "kms:GrantIsForAWSResource" = "true" } }
    },
    {
      # The role with which SageMaker runs a domain; the first domain of an account makes it.
      Sid       = "CreateServiceRole"
      Effect    = "Allow"
      Action    = "iam:CreateServiceLinkedRole"
      Resource  = "${local.role_prefix}/aws-service-role/sagemaker.amazonaws.com/*"
      Condition = { StringEquals = { "iam:AWSServiceName" = "sagemaker.amazonaws.com" } }
    },
    {
      Sid       = "CreateSecurityGroup"
      Effect    = "Allow"
      Action    = ["ec2:CreateSecurityGroup", "ec2:CreateTags"]
      Resource  = [local.group_arn, "${local.ec2}:security-group-rule/*"]
      Condition = local.born_with
    },
    {
      # The VPC is not ours to tag.
      Sid      = "CreateSecurityGroupInVpc"
      Effect   = "Allow"
      Action   = "ec2:CreateSecurityGroup"
      Resource = "${local.ec2}:vpc/*"
    },
    {
      Sid       = "ManageSecurityGroup"
      Effect    = "Allow"
      Action    = ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:DeleteSecurityGroup", "ec2:ModifySecurityGroupRules", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"]
      Resource  = local.group_arn
      Condition = local.tagged
    },
    {
      # Rules are made in, and changed with, their security group, which the statement above scopes.
      Sid      = "ManageSecurityGroupRules"
      Effect   = "Allow"
      Action   = ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:ModifySecurityGroupRules"]
      Resource = "${local.ec2}:security-group-rule/*"
    },
  ]
}
