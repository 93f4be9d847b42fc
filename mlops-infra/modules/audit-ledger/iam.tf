# The table's own policy denies, whatever a role's policies allow: also to roles that are written
# later, and to administrators. Which actions such a policy may name:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html
locals {
  table_statements = concat(
    [
      {
        # A batch and a PartiQL insert can replace an item without a condition; a time to live would
        # remove items by itself.
        Sid       = "AppendOnly"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PartiQLDelete", "dynamodb:PartiQLInsert",
          "dynamodb:PartiQLUpdate", "dynamodb:UpdateItem", "dynamodb:UpdateTimeToLive",
        ]
        Resource  = local.table_arn
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.break_glass_arn } }
      },
      {
        # IAM cannot ask for a condition expression: that the functions replace nothing is their code's
        # doing, and the chain shows it.
        Sid       = "OnlyFunctionsWrite"
        Effect    = "Deny"
        Principal = "*"
        Action    = "dynamodb:PutItem"
        Resource  = local.table_arn
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = concat(local.writer_arns, [local.break_glass_arn]) } }
      },
    ],
    [
      for statement in [
        {
          Sid       = "KeepTable"
          Effect    = "Deny"
          Principal = "*"
          Action    = ["dynamodb:DeleteResourcePolicy", "dynamodb:DeleteTable", "dynamodb:UpdateContinuousBackups"]
          Resource  = local.table_arn
          Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.break_glass_arn } }
        },
      ] : statement if var.deletion_protection
    ],
  )

  append_statements = [
    {
      # TransactWriteItems is authorised as the writes that it holds.
      sid       = "Append"
      actions   = ["dynamodb:PutItem", "dynamodb:Query"]
      resources = [local.table_arn]
    },
    {
      # DynamoDB decrypts the table's key as whoever uses the table.
      # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
      sid        = "UseTableKey"
      actions    = ["kms:Decrypt"]
      resources  = [var.kms_key_arn]
      conditions = { StringEquals = { "kms:ViaService" = ["dynamodb.${var.region}.amazonaws.com"] } }
    },
  ]

  function_statements = concat(local.append_statements, [
    {
      sid       = "ReadWhoDecided"
      actions   = ["sagemaker:DescribeModelPackage"]
      resources = [for group in values(var.model_package_groups) : "arn:aws:sagemaker:${var.region}:${var.account_id}:model-package/${group}/*"]
    },
    {
      sid       = "KeepFailedEvents"
      actions   = ["sqs:SendMessage"]
      resources = [local.queue_arn]
    },
  ])
}
