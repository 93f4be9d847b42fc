# Jenkins itself, in the tooling account only: the role of the EC2 instance its controller runs on. Agents
# have no role: the controller becomes itself for one stage, narrowed by a session policy to what that
# stage needs, and hands the agent that session.
resource "aws_iam_role" "jenkins" {
  count = local.is_tooling ? 1 : 0

  name        = var.roles.jenkins
  description = "Runs Jenkins; may only become the plan and deploy roles of each account, the build role, and itself"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # EC2 sends neither aws:SourceAccount nor aws:SourceArn when it assumes an instance's role.
        Sid       = "Ec2Instance"
        Effect    = "Allow"
        Principal = { Service = "ec2.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
      {
        # The account is the principal: IAM refuses a policy that names a role before it exists. No
        # external id: the plugin that keeps build logs states none, and where it cannot become itself
        # with a narrower policy it hands agents the controller's own credentials.
        Sid       = "ItselfForAStage"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
        Action    = "sts:AssumeRole"
        Condition = { ArnEquals = { "aws:PrincipalArn" = local.jenkins_role_arn } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "jenkins" {
  count = local.is_tooling ? 1 : 0

  name = "become-plan-and-deploy-roles"
  role = aws_iam_role.jenkins[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "BecomePlanAndDeployRoles"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = flatten([for account_id in concat([var.account_id], values(var.linked_accounts)) : [for name in [var.roles.deploy, var.roles.plan] : "arn:aws:iam::${account_id}:role/${name}"]])
      },
      {
        # Made by `release-signing` in this account.
        Sid      = "BecomeBuildRole"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "${local.role_prefix}/${var.roles.build}"
      },
      {
        Sid      = "BecomeItselfForAStage"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = local.jenkins_role_arn
      },
      {
        # The plugin pipeline-cloudwatch-logs sends what builds print, and shows it again.
        # https://github.com/jenkinsci/pipeline-cloudwatch-logs-plugin/blob/master/README.md
        Sid      = "KeepBuildLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:PutLogEvents"]
        Resource = "${local.build_log_arn}:*"
      },
    ]
  })
}

resource "aws_iam_instance_profile" "jenkins" {
  count = local.is_tooling ? 1 : 0

  name = var.roles.jenkins
  role = aws_iam_role.jenkins[0].name
}

# What builds print. CloudWatch Logs encrypts by itself; builds print no secret.
resource "aws_cloudwatch_log_group" "jenkins" {
  #checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts by itself, and the log holds nothing that is secret.
  count = local.is_tooling ? 1 : 0

  name              = local.build_log
  retention_in_days = 365
}

# Who hears of builds that failed. Only Jenkins publishes, so that the key of AWS does.
resource "aws_sns_topic" "jenkins" {
  count = local.is_tooling ? 1 : 0

  name              = "${var.project}-jenkins-alerts"
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_sns_topic_policy" "jenkins" {
  count = local.is_tooling ? 1 : 0

  arn = aws_sns_topic.jenkins[0].arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TellPeople"
        Effect    = "Allow"
        Principal = { AWS = local.jenkins_role_arn }
        Action    = "sns:Publish"
        Resource  = local.build_alerts_arn
      },
    ]
  })

  # SNS refuses a policy that names a role which does not exist yet.
  depends_on = [aws_iam_role.jenkins]
}

# Each address receives a message from AWS and is subscribed once the link in it is followed.
resource "aws_sns_topic_subscription" "jenkins" {
  for_each = local.is_tooling ? var.build_alert_emails : []

  topic_arn = aws_sns_topic.jenkins[0].arn
  protocol  = "email"
  endpoint  = each.value
}
