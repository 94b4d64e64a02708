locals {
  prefix  = "${var.name}-${var.env}"
  tags    = { app = var.name, env = var.env }
  account = "arn:aws:iam::${var.account_id}:root"
  zones   = [for zone in var.zones : "${var.region}${zone}"]
}

# One key for all that lies still: secrets of Kubernetes, images, databases, blobs, logs.
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
      identifiers = [local.account]
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
      values   = [for group in local.log_groups : "arn:aws:logs:${var.region}:${var.account_id}:log-group:${group}"]
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
