locals {
  prefix = "${var.name}-${var.env}"
  tags   = { app = var.name, env = var.env }
}

# One key for all that lies still: images, and while there is a cluster its secrets, databases, blobs and logs.
data "aws_iam_policy_document" "key" {
  # checkov:skip=CKV_AWS_109: a key's policy is about that key only, and without its account nobody could change it any more.
  # checkov:skip=CKV_AWS_111: likewise; what the account's identities may do with it their own policies say.
  # checkov:skip=CKV_AWS_356: in a key's policy `*` is that key.
  statement {
    sid       = "AccountByItsOwnPolicies"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:root"]
    }
  }

  statement {
    sid       = "LogsOfThisEnvironment"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = [for end in ["", "/*"] : "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/*/${local.prefix}${end}"]
    }
  }
}

resource "aws_kms_key" "this" {
  description             = local.prefix
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
  tags                    = local.tags
}

resource "aws_kms_alias" "this" {
  name          = "alias/${local.prefix}"
  target_key_id = aws_kms_key.this.key_id
}

# ECR has a repository per image, and none that makes itself: one for each function.
resource "aws_ecr_repository" "function" {
  for_each = var.functions

  name                 = "${local.prefix}/${each.key}"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = !var.deletion_protection
  tags                 = local.tags

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.this.arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "function" {
  for_each = aws_ecr_repository.function

  repository = each.value.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "untagged for two weeks"
      selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
      action       = { type = "expire" }
    }]
  })
}
