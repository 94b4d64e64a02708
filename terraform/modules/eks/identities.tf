# Who may act as which role. Services of AWS only on behalf of this account; pods by EKS, which checks their token.

locals {
  trust = {
    for service, actions in {
      "ec2"           = ["sts:AssumeRole"]
      "eks"           = ["sts:AssumeRole", "sts:TagSession"]
      "monitoring"    = ["sts:AssumeRole"]
      "pods"          = ["sts:AssumeRole", "sts:TagSession"]
      "scheduler"     = ["sts:AssumeRole"]
      "vpc-flow-logs" = ["sts:AssumeRole"]
      } : service => jsonencode({
        Version = "2012-10-17"
        Statement = [merge(
          {
            Effect    = "Allow"
            Action    = actions
            Principal = { Service = "${service == "monitoring" ? "monitoring.rds" : service}.${service == "pods" ? "eks." : ""}amazonaws.com" }
          },
          # EC2 and EKS name no source when they ask.
          contains(["ec2", "eks"], service) ? {} : { Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } } },
        )]
    })
  }
}

data "aws_iam_policy_document" "functions" {
  statement {
    sid       = "Blobs"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.blobs.arn}/*"]
  }
  # A blob that is not there is then "not found", not "forbidden".
  statement {
    sid       = "WhetherABlobIsThere"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.blobs.arn]
  }
  statement {
    sid       = "TheirKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com", "secretsmanager.${var.region}.amazonaws.com"]
    }
  }
  # By name, not by what AWS says: or whatever changes of the stores would seem to change this. RDS tags its secrets.
  statement {
    sid       = "ThePasswordOfPostgreSQL"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:rds!db-*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/aws:rds:primaryDBInstanceArn"
      values   = ["arn:aws:rds:${var.region}:${var.account_id}:db:${local.prefix}"]
    }
  }
  statement {
    sid     = "TokensOfRedis"
    actions = ["elasticache:Connect"]
    resources = [for each in ["replicationgroup:${local.prefix}", "user:${local.prefix}-functions"] :
      "arn:aws:elasticache:${var.region}:${var.account_id}:${each}"
    ]
  }
}

resource "aws_iam_role" "functions" {
  name               = "${local.prefix}-functions"
  assume_role_policy = local.trust["pods"]
  tags               = local.tags
}

resource "aws_iam_role_policy" "functions" {
  name   = "stores"
  role   = aws_iam_role.functions.id
  policy = data.aws_iam_policy_document.functions.json
}

resource "aws_eks_pod_identity_association" "functions" {
  for_each = setunion(var.functions, ["gateway"])

  cluster_name    = aws_eks_cluster.this.name
  namespace       = var.namespace
  service_account = each.key
  role_arn        = aws_iam_role.functions.arn
  tags            = local.tags
}

# What adds and takes nodes.
data "aws_iam_policy_document" "autoscaler" {
  # checkov:skip=CKV_AWS_356: what only describes cannot be about one resource.
  statement {
    sid = "See"
    actions = [
      "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances", "autoscaling:DescribeLaunchConfigurations",
      "autoscaling:DescribeScalingActivities", "autoscaling:DescribeTags", "ec2:DescribeImages", "ec2:DescribeInstanceTypes",
      "ec2:DescribeLaunchTemplateVersions", "ec2:GetInstanceTypesFromInstanceRequirements",
    ]
    resources = ["*"]
  }
  # At size zero only this says which taints and labels a node would have.
  statement {
    sid       = "SeePools"
    actions   = ["eks:DescribeNodegroup"]
    resources = ["arn:aws:eks:${var.region}:${var.account_id}:nodegroup/${local.prefix}/*"]
  }
  statement {
    sid       = "Scale"
    actions   = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
    resources = ["arn:aws:autoscaling:${var.region}:${var.account_id}:autoScalingGroup:*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/eks:cluster-name"
      values   = [local.prefix]
    }
  }
}

resource "aws_iam_role" "autoscaler" {
  name               = "${local.prefix}-autoscaler"
  assume_role_policy = local.trust["pods"]
  tags               = local.tags
}

resource "aws_iam_role_policy" "autoscaler" {
  name   = "scale"
  role   = aws_iam_role.autoscaler.id
  policy = data.aws_iam_policy_document.autoscaler.json
}

resource "aws_eks_pod_identity_association" "autoscaler" {
  cluster_name    = aws_eks_cluster.this.name
  namespace       = "kube-system"
  service_account = "cluster-autoscaler"
  role_arn        = aws_iam_role.autoscaler.arn
  tags            = local.tags
}
