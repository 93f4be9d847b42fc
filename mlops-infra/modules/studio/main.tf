# Notebooks for data scientists, inside the VPC and nowhere else.
resource "aws_sagemaker_domain" "this" {
  domain_name             = var.name
  auth_mode               = "IAM"
  app_network_access_type = "VpcOnly"
  vpc_id                  = var.vpc_id
  subnet_ids              = var.subnet_ids
  kms_key_id              = var.kms_key_arn

  default_user_settings {
    execution_role  = aws_iam_role.this.arn
    security_groups = [aws_security_group.this.id]

    # Shared notebooks would carry their outputs, which may be data, to a bucket outside this module.
    sharing_settings {
      notebook_output_option = "Disabled"
    }
  }

  # Home folders outlive the domain: people keep work there that nobody else has.
  retention_policy {
    home_efs_file_system = "Retain"
  }
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:It is attached to the domain above, a kind of user that checkov does not know.
  name        = "${var.name}-studio"
  description = "Apps of the SageMaker Studio domain ${var.name}"
  vpc_id      = var.vpc_id
}

# https://docs.aws.amazon.com/sagemaker/latest/dg/studio-notebooks-and-internet-access.html
resource "aws_vpc_security_group_ingress_rule" "apps" {
  security_group_id            = aws_security_group.this.id
  description                  = "Between the domain's own apps"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = 8192
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "apps" {
  security_group_id            = aws_security_group.this.id
  description                  = "Between the domain's own apps"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = 8192
  to_port                      = 65535
}

# Where HTTPS leads is the VPC's decision: to its endpoints, or to a gateway if it has one.
resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.this.id
  description       = "AWS services, as far as the VPC leads to them"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
