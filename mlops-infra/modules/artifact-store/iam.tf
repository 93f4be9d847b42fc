locals {
  bucket_arn = "arn:aws:s3:::${var.bucket_name}"

  # Environments whose prefixes an environment may read: its own, and those whose models it serves.
  readable = {
    for name in keys(var.workload_accounts) :
    name => sort(setunion([name], lookup(var.serves_models_of, name, [])))
  }

  # Accounts are the principals and roles stand in conditions: S3 refuses a policy that names a
  # role which does not exist yet, and accounts are applied in any order.
  account_roots = { for name, account_id in var.workload_accounts : name => "arn:aws:iam::${account_id}:root" }
  resolvers     = { for name, account_id in var.workload_accounts : name => "arn:aws:iam::${account_id}:role/${var.lambda_role_name}-resolve-model" }
  recorders     = { for name, account_id in var.workload_accounts : name => "arn:aws:iam::${account_id}:role/${var.lambda_role_name}-record-execution" }
  users = flatten([
    for name, account_id in var.workload_accounts : [
      for use_case in sort(var.use_cases) : {
        environment = name
        use_case    = use_case
        id          = replace(title("${name}-${use_case}"), "/[^A-Za-z0-9]/", "")
        role_arn    = "arn:aws:iam::${account_id}:role/${var.execution_role_name}-${use_case}"
        foreign     = [for other in local.readable[name] : other if other != name]
      }
    ]
  ])

  own_statements = [
    for user in local.users : {
      Sid       = "ReadAndWrite${user.id}"
      Effect    = "Allow"
      Principal = { AWS = local.account_roots[user.environment] }
      Action    = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
      Resource  = "${local.bucket_arn}/${user.environment}/${user.use_case}/*"
      Condition = { ArnEquals = { "aws:PrincipalArn" = user.role_arn } }
    }
  ]

  served_statements = [
    for user in local.users : {
      Sid       = "ReadServedBy${user.id}"
      Effect    = "Allow"
      Principal = { AWS = local.account_roots[user.environment] }
      Action    = "s3:GetObject"
      Resource  = [for other in user.foreign : "${local.bucket_arn}/${other}/${user.use_case}/*"]
      Condition = { ArnEquals = { "aws:PrincipalArn" = user.role_arn } }
    } if length(user.foreign) > 0
  ]

  list_statements = [
    for user in local.users : {
      Sid       = "List${user.id}"
      Effect    = "Allow"
      Principal = { AWS = local.account_roots[user.environment] }
      Action    = "s3:ListBucket"
      Resource  = local.bucket_arn
      Condition = {
        ArnEquals  = { "aws:PrincipalArn" = user.role_arn }
        StringLike = { "s3:prefix" = [for name in local.readable[user.environment] : "${name}/${user.use_case}/*"] }
      }
    }
  ]

  resolver_statements = [
    for name, root in local.account_roots : {
      Sid       = "CheckArtifacts${replace(title(name), "/[^A-Za-z0-9]/", "")}"
      Effect    = "Allow"
      Principal = { AWS = root }
      Action    = "s3:GetObject"
      Resource  = [for other in local.readable[name] : "${local.bucket_arn}/${other}/*"]
      Condition = { ArnEquals = { "aws:PrincipalArn" = local.resolvers[name] } }
    }
  ]

  # Without it a missing object answers 403 instead of 404, and nobody can tell which it is.
  # HeadObject states no prefix, so none can be asked for.
  # https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
  missing_statements = [
    for name, root in local.account_roots : {
      Sid       = "TellMissingArtifacts${replace(title(name), "/[^A-Za-z0-9]/", "")}"
      Effect    = "Allow"
      Principal = { AWS = root }
      Action    = "s3:ListBucket"
      Resource  = local.bucket_arn
      Condition = { ArnEquals = { "aws:PrincipalArn" = local.resolvers[name] } }
    }
  ]

  # The audit ledger keeps the metrics that an environment's own runs wrote.
  recorder_statements = [
    for name, root in local.account_roots : {
      Sid       = "ReadMetricsOf${replace(title(name), "/[^A-Za-z0-9]/", "")}"
      Effect    = "Allow"
      Principal = { AWS = root }
      Action    = "s3:GetObject"
      Resource  = "${local.bucket_arn}/${name}/*"
      Condition = { ArnEquals = { "aws:PrincipalArn" = local.recorders[name] } }
    }
  ]

  # `promote doctor` tries whether the account gets in: it writes an object, reads and removes it.
  probe_statements = [
    for name, root in local.account_roots : {
      Sid       = "Probe${replace(title(name), "/[^A-Za-z0-9]/", "")}"
      Effect    = "Allow"
      Principal = { AWS = root }
      Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject"]
      Resource  = "${local.bucket_arn}/${name}/.doctor/*"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::${var.workload_accounts[name]}:role/${var.deploy_role_name}" } }
    }
  ]

  # Releases are written by one role and never overwritten, by nobody: a write has to ask S3 that
  # the key is new. The role has a permission of its own account besides.
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
  releases_arn = "${local.bucket_arn}/releases/*"
  publisher    = { AWS = "arn:aws:iam::${split(":", var.build_role_arn)[4]}:root" }
  release_statements = [
    {
      Sid       = "PublishReleases"
      Effect    = "Allow"
      Principal = local.publisher
      Action    = ["s3:GetObject", "s3:PutObject"]
      Resource  = local.releases_arn
      Condition = { ArnEquals = { "aws:PrincipalArn" = var.build_role_arn } }
    },
    {
      Sid       = "FindReleases"
      Effect    = "Allow"
      Principal = local.publisher
      Action    = "s3:ListBucket"
      Resource  = local.bucket_arn
      Condition = {
        ArnEquals  = { "aws:PrincipalArn" = var.build_role_arn }
        StringLike = { "s3:prefix" = "releases/*" }
      }
    },
    {
      Sid       = "WriteReleasesOnce"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:PutObject"
      Resource  = local.releases_arn
      Condition = { Null = { "s3:if-none-match" = "true" } }
    },
  ]

  statements = concat(
    local.own_statements,
    local.served_statements,
    local.list_statements,
    local.resolver_statements,
    local.missing_statements,
    local.recorder_statements,
    local.probe_statements,
    local.release_statements,
  )
}
