variable "project" {
  type        = string
  description = "Project name; start of every derived name."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.project))
    error_message = "project must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }
}

variable "environment" {
  type        = string
  description = "Name of the environment; the account's folder and file are named after it."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.environment))
    error_message = "environment must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }
}

variable "account_id" {
  type        = string
  description = "The 12-digit id of this account. Credentials of any other account are refused."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits."
  }
}

variable "region" {
  type        = string
  description = "AWS region of everything in this account, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "linked_accounts" {
  type        = map(string)
  description = "12-digit ids of the platform's other accounts, by environment name."

  validation {
    condition     = alltrue([for account_id in values(var.linked_accounts) : can(regex("^[0-9]{12}$", account_id))])
    error_message = "linked_accounts: every account id must be 12 digits."
  }

  validation {
    condition     = length(distinct(concat(values(var.linked_accounts), [var.account_id]))) == length(var.linked_accounts) + 1
    error_message = "linked_accounts: every account must have an id of its own, other than account_id."
  }

  validation {
    condition     = alltrue([for name in keys(var.linked_accounts) : can(regex("^[a-z][a-z0-9-]{0,30}$", name))])
    error_message = "linked_accounts: every name must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }

  validation {
    condition     = alltrue([for name in ["tooling", "registry"] : contains(keys(var.linked_accounts), name)])
    error_message = "linked_accounts must name tooling and registry."
  }
}

variable "buckets" {
  type = object({
    state     = string
    data      = string
    artifacts = string
  })
  description = <<-EOT
    Names of the buckets.
    `state`: Terraform state of this account. `data`: data of this environment. `artifacts`: model artifacts, in the registry account.
  EOT

  validation {
    condition     = alltrue([for name in values(var.buckets) : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "buckets: every name must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = alltrue([for name in values(var.buckets) : !can(regex("^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$", name))])
    error_message = "buckets: no name may start with xn--, sthree- or amzn-s3-demo- nor end in -s3alias, --ol-s3, --x-s3 or --table-s3: S3 reserves these."
  }

  validation {
    condition     = length(distinct(values(var.buckets))) == length(values(var.buckets))
    error_message = "buckets: every bucket needs a name of its own."
  }
}

variable "log_bucket" {
  type        = string
  description = "Name of the bucket that receives access logs; `log-bucket` makes it."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.log_bucket)) && !contains(values(var.buckets), var.log_bucket)
    error_message = "log_bucket must be the name of a bucket of its own: 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "roles" {
  type = object({
    jenkins     = string
    deploy      = string
    plan        = string
    execution   = string
    lambda      = string
    events      = string
    approver    = string
    auditor     = string
    break_glass = string
  })
  description = <<-EOT
    Names of the platform's roles.
    `jenkins`: Jenkins itself, in the tooling account.
    `deploy`, `plan`: what Jenkins becomes in each account to apply, and to plan (reads only).
    `execution`, `lambda`: stems of the workload accounts' SageMaker and Lambda roles.
    `events`: EventBridge's role in a workload account.
    `approver`, `auditor`, `break_glass`: who approves, who reads every record, and who repairs in an
    emergency, in the registry account.
  EOT

  validation {
    condition     = alltrue([for name in values(var.roles) : can(regex("^[A-Za-z0-9+=,.@_-]{1,50}$", name))])
    error_message = "roles: every entry must be a valid IAM role name of at most 50 characters."
  }

  validation {
    condition     = length(distinct(values(var.roles))) == length(values(var.roles))
    error_message = "roles: every role needs a name of its own."
  }
}

variable "event_bus" {
  type        = string
  description = "Name of the event bus that carries drift events: `default` or an existing bus of this account."

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]{1,256}$", var.event_bus)) && !startswith(var.event_bus, "aws.")
    error_message = "event_bus must be the name of a bus (letters, digits, . _ / -) of this account, not an ARN or a partner bus."
  }
}

variable "alerts" {
  type = object({
    topic  = string
    emails = set(string)
  })
  description = <<-EOT
    Where alerts go.
    `topic`: name of the SNS topic. `emails`: addresses that receive every alert.
  EOT

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,256}$", var.alerts.topic))
    error_message = "alerts.topic must have 1-256 letters, digits, '_' or '-'."
  }

  validation {
    condition     = alltrue([for email in var.alerts.emails : can(regex("^[^@\\s]+@[^@\\s]+[.][^@\\s]+$", email))])
    error_message = "alerts.emails: every entry must be an e-mail address."
  }
}

variable "images" {
  type        = map(string)
  description = "URIs of the ECR images that jobs run, by the name that pipelines use."

  validation {
    condition     = length(var.images) > 0 && alltrue([for image in values(var.images) : can(regex("^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.]com/[a-z0-9._/-]+(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$", image))])
    error_message = "images: every entry must be an ECR image URI with a tag or digest."
  }
}

variable "use_cases" {
  type = map(object({
    model_package_group = string
    pipelines           = map(string)
    parameters          = optional(map(map(string)), {})
    schedule = optional(object({
      pipeline   = string
      expression = string
    }))
    retrain = optional(object({
      pipeline         = string
      cooldown_minutes = number
      drifted_batches  = optional(number, 1)
      of_batches       = optional(number, 1)
    }))
    start_on_approval = optional(string)
  }))
  description = <<-EOT
    Use cases of this environment, by name.
    `model_package_group`: the group in the registry account. `pipelines`: SageMaker pipeline name by short name.
    `parameters`: pipeline parameters by pipeline short name; read by `promote` only.
    `schedule`: starts the pipeline of that short name, at an EventBridge `expression` (UTC).
    `retrain`: starts the pipeline of that short name on drift, at most once in `cooldown_minutes`, when `drifted_batches` of the last `of_batches` batches drifted.
    `start_on_approval`: short name of the pipeline that is started when a version of the group is approved.
  EOT

  validation {
    condition     = alltrue([for name in keys(var.use_cases) : can(regex("^[a-z][a-z0-9-]{0,30}$", name))])
    error_message = "use_cases: every name must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }

  validation {
    condition     = !anytrue([for name in keys(var.use_cases) : contains(["alerts", "code", "studio"], name)])
    error_message = "use_cases: alerts, code and studio are prefixes of the data bucket that are no use case's."
  }

  validation {
    condition     = alltrue([for use_case in var.use_cases : can(regex("^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", use_case.model_package_group))])
    error_message = "use_cases: model_package_group must have 1-63 letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = alltrue(flatten([for use_case in var.use_cases : [for pipeline in values(use_case.pipelines) : can(regex("^[a-z0-9](-*[a-z0-9]){0,254}$", pipeline))]]))
    error_message = "use_cases: pipelines must have lower-case letters, digits and hyphens only (SageMaker lower-cases names in ARNs)."
  }

  validation {
    condition     = alltrue([for use_case in var.use_cases : contains(keys(use_case.pipelines), use_case.schedule.pipeline) if use_case.schedule != null])
    error_message = "use_cases: schedule.pipeline must be one of the use case's pipelines."
  }

  validation {
    condition     = alltrue([for use_case in var.use_cases : contains(keys(use_case.pipelines), use_case.retrain.pipeline) if use_case.retrain != null])
    error_message = "use_cases: retrain.pipeline must be one of the use case's pipelines."
  }

  validation {
    condition     = alltrue([for use_case in var.use_cases : contains(keys(use_case.pipelines), use_case.start_on_approval) if use_case.start_on_approval != null])
    error_message = "use_cases: start_on_approval must be one of the use case's pipelines."
  }

  validation {
    condition = alltrue([
      for use_case in var.use_cases :
      can(regex("^rate\\((1 (minute|hour|day)|([2-9]|[1-9][0-9]+) (minutes|hours|days))\\)$", use_case.schedule.expression)) ||
      can(regex("^cron\\(([0-5]?[0-9](-[0-5]?[0-9])?|[*])(/[0-9]+)?(,([0-5]?[0-9](-[0-5]?[0-9])?|[*])(/[0-9]+)?)* (([01]?[0-9]|2[0-3])(-([01]?[0-9]|2[0-3]))?|[*])(/[0-9]+)?(,(([01]?[0-9]|2[0-3])(-([01]?[0-9]|2[0-3]))?|[*])(/[0-9]+)?)* ([0-9,*/LW-]+ [0-9A-Za-z,*/-]+ [?]|[?] [0-9A-Za-z,*/-]+ [0-9A-Za-z,*/#-]+) [0-9,*/-]+\\)$", use_case.schedule.expression))
      if use_case.schedule != null
    ])
    error_message = "use_cases: schedule.expression must be an EventBridge schedule such as rate(1 day) or cron(0 6 * * ? *): minutes hours day-of-month month day-of-week year, with ? for one of the two days."
  }
}

variable "studio" {
  type = object({
    vpc_id     = string
    subnet_ids = set(string)
  })
  default     = null
  description = <<-EOT
    Network of the SageMaker Studio domain; null makes no domain.
    `vpc_id`: VPC that notebooks run in. `subnet_ids`: its subnets, one at least.
  EOT

  validation {
    condition     = var.studio == null ? true : can(regex("^vpc-([0-9a-f]{8}|[0-9a-f]{17})$", var.studio.vpc_id))
    error_message = "studio.vpc_id must look like vpc-0123456789abcdef0."
  }

  validation {
    condition     = var.studio == null ? true : length(var.studio.subnet_ids) > 0 && alltrue([for id in var.studio.subnet_ids : can(regex("^subnet-([0-9a-f]{8}|[0-9a-f]{17})$", id))])
    error_message = "studio.subnet_ids must list at least one subnet such as subnet-0123456789abcdef0."
  }
}

variable "lambda_package" {
  type        = string
  description = "Path of the ZIP file with the Lambda handlers, relative to this folder. Not in the environment file: `promote` builds it and passes it."

  validation {
    condition     = endswith(var.lambda_package, ".zip")
    error_message = "lambda_package must be the path of a .zip file."
  }
}
