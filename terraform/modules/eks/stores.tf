locals {
  # The tier's sizes.
  tiers = {
    single     = { redis = "cache.t4g.micro", database = "db.t4g.micro", copies = 1 }
    replicated = { redis = "cache.m7g.large", database = "db.m7g.large", copies = 2 }
  }
  tier = local.tiers[var.data_tier]
}

resource "aws_security_group" "stores" {
  name        = "${local.prefix}-stores"
  description = "Redis and PostgreSQL: nodes come in, nothing goes out"
  vpc_id      = aws_vpc.this.id
  tags        = merge(local.tags, { Name = "${local.prefix}-stores" })
}

resource "aws_vpc_security_group_ingress_rule" "stores" {
  for_each = { redis = 6379, postgres = 5432 }

  security_group_id            = aws_security_group.stores.id
  description                  = "${each.key} from nodes and their pods"
  referenced_security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

# Redis' own user `default`, which a group has to have, may do nothing. Functions come as the other, with a token of their role.
resource "aws_elasticache_user" "default" {
  user_id              = "${local.prefix}-default"
  user_name            = "default"
  engine               = "redis"
  access_string        = "off -@all"
  no_password_required = true
  tags                 = local.tags
}

# ElastiCache takes a token only of a user whose id is its name.
resource "aws_elasticache_user" "functions" {
  user_id       = "${local.prefix}-functions"
  user_name     = "${local.prefix}-functions"
  engine        = "redis"
  access_string = "on ~renga:* +@all -@admin -@dangerous"
  tags          = local.tags

  authentication_mode {
    type = "iam"
  }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = local.prefix
  engine        = "redis"
  user_ids      = [aws_elasticache_user.default.user_id, aws_elasticache_user.functions.user_id]
  tags          = local.tags
}

resource "aws_elasticache_subnet_group" "this" {
  name       = local.prefix
  subnet_ids = [for subnet in aws_subnet.stores : subnet.id]
  tags       = local.tags
}

resource "aws_elasticache_replication_group" "this" {
  # checkov:skip=CKV2_AWS_50: a standby is what data_tier = "replicated" adds.
  replication_group_id       = local.prefix
  description                = "Idempotency of ${local.prefix}"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = local.tier.redis
  num_cache_clusters         = local.tier.copies
  automatic_failover_enabled = local.tier.copies > 1
  multi_az_enabled           = local.tier.copies > 1
  port                       = 6379
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.stores.id]
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]
  at_rest_encryption_enabled = true
  kms_key_id                 = var.key_arn
  snapshot_retention_limit   = 1
  # ElastiCache has no deletion protection; what is destroyed leaves a copy.
  final_snapshot_identifier = var.deletion_protection ? "${local.prefix}-last" : null
  tags                      = local.tags
}

resource "aws_db_subnet_group" "this" {
  name       = local.prefix
  subnet_ids = [for subnet in aws_subnet.stores : subnet.id]
  tags       = local.tags
}

resource "aws_db_parameter_group" "this" {
  name        = local.prefix
  family      = "postgres16"
  description = "TLS only; who came, and what changed the schema"
  tags        = local.tags

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  dynamic "parameter" {
    for_each = {
      "log_connections"            = "1"
      "log_disconnections"         = "1"
      "log_lock_waits"             = "1"
      "log_min_duration_statement" = "5000" # ms
      "log_statement"              = "ddl"
      "log_temp_files"             = "0"
    }
    content {
      name  = parameter.key
      value = parameter.value
    }
  }
}

resource "aws_iam_role" "monitoring" {
  name               = "${local.prefix}-monitoring"
  assume_role_policy = local.trust["monitoring"]
  tags               = local.tags
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

# RDS makes the password, keeps it in Secrets Manager and changes it every week. A connection of a function looks it up.
resource "aws_db_instance" "this" {
  # checkov:skip=CKV_AWS_157: a standby is what data_tier = "replicated" adds.
  # checkov:skip=CKV_AWS_293: deletion_protection is a variable, on by default and always on in prod.
  identifier                            = local.prefix
  engine                                = "postgres"
  engine_version                        = "16"
  instance_class                        = local.tier.database
  db_name                               = "renga"
  username                              = "renga"
  manage_master_user_password           = true
  master_user_secret_kms_key_id         = var.key_arn
  iam_database_authentication_enabled   = true
  allocated_storage                     = 20
  max_allocated_storage                 = 100
  storage_type                          = "gp3"
  storage_encrypted                     = true
  kms_key_id                            = var.key_arn
  multi_az                              = local.tier.copies > 1
  db_subnet_group_name                  = aws_db_subnet_group.this.name
  vpc_security_group_ids                = [aws_security_group.stores.id]
  parameter_group_name                  = aws_db_parameter_group.this.name
  publicly_accessible                   = false
  auto_minor_version_upgrade            = true
  backup_retention_period               = 7
  copy_tags_to_snapshot                 = true
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  deletion_protection                   = var.deletion_protection
  skip_final_snapshot                   = !var.deletion_protection
  final_snapshot_identifier             = var.deletion_protection ? "${local.prefix}-last" : null
  tags                                  = local.tags

  depends_on = [aws_iam_role_policy_attachment.monitoring]
}

# What is too large to travel with its event.
resource "aws_s3_bucket" "blobs" {
  # checkov:skip=CKV_AWS_18: CloudTrail says who read what; a log of accesses would be a bucket more to guard.
  # checkov:skip=CKV_AWS_21: a blob is written once, under the hash of what it holds, so there are no versions to keep.
  # checkov:skip=CKV_AWS_144: events are gone long before a region is; nothing is read from a blob afterwards.
  # checkov:skip=CKV2_AWS_62: nobody waits for a blob; its event says that it is there.
  bucket        = "${var.account_id}-${local.prefix}-blobs"
  force_destroy = !var.deletion_protection
  tags          = local.tags
}

resource "aws_s3_bucket_public_access_block" "blobs" {
  bucket                  = aws_s3_bucket.blobs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "blobs" {
  bucket = aws_s3_bucket.blobs.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key_arn
    }
  }
}

# What was begun and never finished costs, and nobody sees it.
resource "aws_s3_bucket_lifecycle_configuration" "blobs" {
  bucket = aws_s3_bucket.blobs.id

  rule {
    id     = "unfinished"
    status = "Enabled"
    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }
}

data "aws_iam_policy_document" "blobs" {
  statement {
    sid       = "NothingWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.blobs.arn, "${aws_s3_bucket.blobs.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "blobs" {
  bucket = aws_s3_bucket.blobs.id
  policy = data.aws_iam_policy_document.blobs.json

  depends_on = [aws_s3_bucket_public_access_block.blobs]
}
