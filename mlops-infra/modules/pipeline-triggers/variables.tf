variable "name_prefix" {
  type        = string
  description = "Start of every name: project and environment, e.g. acme-ml-prod."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,48}$", var.name_prefix))
    error_message = "name_prefix must have 1-49 lower-case letters, digits and hyphens and start with a letter."
  }
}

variable "environment" {
  type        = string
  description = "Name of the environment, as records of the ledger name it."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.environment))
    error_message = "environment must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }
}

variable "account_id" {
  type        = string
  description = "The 12-digit id of the account."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits."
  }
}

variable "region" {
  type        = string
  description = "Region of the account's resources, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "registry_account_id" {
  type        = string
  description = "The 12-digit id of the account in which model versions are approved; it forwards those events."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.registry_account_id))
    error_message = "registry_account_id must be 12 digits."
  }
}

variable "event_bus_name" {
  type        = string
  description = "Name of the event bus that carries drift events: `default` or an existing bus of the account."

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]{1,256}$", var.event_bus_name)) && !startswith(var.event_bus_name, "aws.")
    error_message = "event_bus_name must be the name of a bus (letters, digits, . _ / -) of this account, not an ARN or a partner bus."
  }
}

variable "lambda_role_name" {
  type        = string
  description = "Stem of the Lambda roles' names; the function follows after a hyphen."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,50}$", var.lambda_role_name))
    error_message = "lambda_role_name must be a valid IAM role name of at most 50 characters."
  }
}

variable "events_role_name" {
  type        = string
  description = "Stem of the names of the roles with which EventBridge starts pipelines, and of the registry account's forwarding role; what it is for follows after a hyphen."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,50}$", var.events_role_name))
    error_message = "events_role_name must be a valid IAM role name of at most 50 characters."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "ARN of the policy that bounds every role of the account (see `jenkins-access`)."

  validation {
    condition     = can(regex("^arn:aws:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy."
  }
}

variable "lambda_package" {
  type        = string
  description = "Path of the ZIP file with the handlers. Give it relative to the root, under a name made of its content: the path is part of the plan."

  validation {
    condition     = endswith(var.lambda_package, ".zip")
    error_message = "lambda_package must be the path of a .zip file."
  }
}

variable "alerts_topic_arn" {
  type        = string
  description = "ARN of the SNS topic that receives alerts."

  validation {
    condition     = can(regex("^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.alerts_topic_arn))
    error_message = "alerts_topic_arn must be the ARN of an SNS topic."
  }
}

variable "alerts_key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts the topic's messages."

  validation {
    condition     = can(regex("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.alerts_key_arn))
    error_message = "alerts_key_arn must be the ARN of a key."
  }
}

variable "data_bucket" {
  type        = string
  description = "Name of the environment's data bucket; what people were told of is noted there under `alerts/`."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.data_bucket))
    error_message = "data_bucket must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts the data bucket."

  validation {
    condition     = can(regex("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key."
  }
}

variable "ledger_function_name" {
  type        = string
  description = "Name of the function that takes this account's records for the ledger, in the registry account and in the same region."

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.ledger_function_name))
    error_message = "ledger_function_name must have 1-64 letters, digits, '_' or '-'."
  }
}

variable "drift_step_name" {
  type        = string
  default     = "DataDriftDetected"
  description = "Name of the pipeline step that stops a run whose batch has drifted; its failure is not alerted a second time."

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,64}$", var.drift_step_name))
    error_message = "drift_step_name must be the name of a pipeline step."
  }
}

variable "use_cases" {
  type = map(object({
    model_package_group = string
    pipelines           = map(string)
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
    Use cases of the environment, by name.
    `model_package_group`: the group in the registry account whose approvals are announced.
    `pipelines`: name of the SageMaker pipeline by its short name (train, inference).
    `schedule`: starts the pipeline of that short name, at an EventBridge `expression` (UTC).
    `retrain`: starts the pipeline of that short name on drift, at most once in `cooldown_minutes`, when `drifted_batches` of the last `of_batches` batches drifted.
    `start_on_approval`: short name of the pipeline that is started when a version of the group is approved.
  EOT

  validation {
    condition     = length(var.use_cases) > 0
    error_message = "use_cases must name at least one use case."
  }

  validation {
    condition     = alltrue([for use_case in var.use_cases : can(regex("^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", use_case.model_package_group))])
    error_message = "use_cases: model_package_group must have 1-63 letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = alltrue([for use_case in var.use_cases : contains(keys(use_case.pipelines), use_case.start_on_approval) if use_case.start_on_approval != null])
    error_message = "use_cases: start_on_approval must be one of the use case's pipelines."
  }

  validation {
    condition     = alltrue([for name in keys(var.use_cases) : can(regex("^[a-z][a-z0-9-]{0,30}$", name))])
    error_message = "use_cases: every name must have 1-31 lower-case letters, digits and hyphens and start with a letter."
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
    condition     = alltrue([for use_case in var.use_cases : use_case.retrain.cooldown_minutes >= 0 && floor(use_case.retrain.cooldown_minutes) == use_case.retrain.cooldown_minutes if use_case.retrain != null])
    error_message = "use_cases: retrain.cooldown_minutes must be a whole number of at least 0."
  }

  validation {
    condition     = alltrue([for use_case in var.use_cases : use_case.retrain.drifted_batches >= 1 && use_case.retrain.drifted_batches <= use_case.retrain.of_batches && use_case.retrain.of_batches <= 20 && floor(use_case.retrain.drifted_batches) == use_case.retrain.drifted_batches && floor(use_case.retrain.of_batches) == use_case.retrain.of_batches if use_case.retrain != null])
    error_message = "use_cases: retrain.drifted_batches must be a whole number between 1 and of_batches, and of_batches at most 20."
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

variable "log_retention_days" {
  type        = number
  default     = 365
  description = "Days that log events are kept."

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period that CloudWatch Logs offers, such as 30, 90 or 365."
  }
}
