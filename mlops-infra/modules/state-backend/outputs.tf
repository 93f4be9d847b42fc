output "bucket_name" {
  description = "Name of the state bucket."
  value       = aws_s3_bucket.this.id
}
