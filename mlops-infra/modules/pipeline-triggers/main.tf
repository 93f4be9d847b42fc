locals {
  scheduled = { for name, use_case in var.use_cases : name => use_case if use_case.schedule != null }
  retrained = { for name, use_case in var.use_cases : name => use_case if use_case.retrain != null }

  pipeline_arns = {
    for name, use_case in var.use_cases : name => {
      for key, pipeline in use_case.pipelines : key => "arn:aws:sagemaker:${var.region}:${var.account_id}:pipeline/${pipeline}"
    }
  }

  # The drift event of promotion/handlers/emit_drift.py.
  drift_source      = "promotion.data-quality"
  drift_detail_type = "Data Drift Detected"
}
