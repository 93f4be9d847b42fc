locals {
  # Each bucket's log goes under the bucket's own name and comes from that bucket only.
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
  statements = [
    for name in sort(var.source_buckets) : {
      Sid       = "Log${replace(title(name), "/[^A-Za-z0-9]/", "")}"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "arn:aws:s3:::${var.bucket_name}/${name}/*"
      Condition = {
        ArnEquals    = { "aws:SourceArn" = "arn:aws:s3:::${name}" }
        StringEquals = { "aws:SourceAccount" = var.account_id }
      }
    }
  ]
}
