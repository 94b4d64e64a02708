output "registry_url" {
  description = "What an image's name begins with; there is a repository for each function below it."
  value       = "${var.account_id}.dkr.ecr.${var.region}.amazonaws.com/${local.prefix}"
}

output "key_arn" {
  description = "The environment's key, which `modules/eks` takes too."
  value       = aws_kms_key.this.arn
}
