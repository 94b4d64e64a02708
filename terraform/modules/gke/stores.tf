locals {
  # The tier's sizes.
  tiers = {
    single     = { redis = "BASIC", redis_gb = 1, database = "db-f1-micro", availability = "ZONAL" }
    replicated = { redis = "STANDARD_HA", redis_gb = 5, database = "db-custom-2-7680", availability = "REGIONAL" }
  }
  tier = local.tiers[var.data_tier]
}

resource "google_redis_instance" "this" {
  # The one password in a state: Redis knows no other proof here, and the provider reads it. SECURITY.md says what follows.
  project                 = var.project_id
  name                    = local.prefix
  region                  = var.region
  tier                    = local.tier.redis
  memory_size_gb          = local.tier.redis_gb
  redis_version           = "REDIS_7_2"
  auth_enabled            = true
  transit_encryption_mode = "SERVER_AUTHENTICATION"
  connect_mode            = "PRIVATE_SERVICE_ACCESS"
  authorized_network      = google_compute_network.this.id
  deletion_protection     = var.deletion_protection
  labels                  = local.labels

  depends_on = [google_service_networking_connection.stores]
}

resource "google_sql_database_instance" "this" {
  # checkov:skip=CKV_GCP_6: it asks for client certificates; ENCRYPTED_ONLY with tokens of IAM has no key to hand out.
  # checkov:skip=CKV_GCP_79: it asks for PostgreSQL 18, which the functions are not tried with yet.
  project             = var.project_id
  name                = "${local.prefix}-${terraform_data.suffix.output}"
  region              = var.region
  database_version    = "POSTGRES_16"
  deletion_protection = var.deletion_protection
  encryption_key_name = var.key_id

  settings {
    tier                        = local.tier.database
    edition                     = "ENTERPRISE"
    activation_policy           = "ALWAYS"
    availability_type           = local.tier.availability
    deletion_protection_enabled = var.deletion_protection
    user_labels                 = local.labels
    # Only through the proxy, which has a certificate for an hour and the token of an account.
    connector_enforcement = "REQUIRED"

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.this.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
    }

    # What is logged is that something happened and who came, and what changed the schema.
    database_flags {
      name  = "cloudsql.iam_authentication"
      value = "on"
    }
    database_flags {
      name  = "cloudsql.enable_pgaudit"
      value = "on"
    }
    database_flags {
      name  = "log_checkpoints"
      value = "on"
    }
    database_flags {
      name  = "log_connections"
      value = "on"
    }
    database_flags {
      name  = "log_disconnections"
      value = "on"
    }
    database_flags {
      name  = "log_duration"
      value = "on"
    }
    database_flags {
      name  = "log_hostname"
      value = "on"
    }
    database_flags {
      name  = "log_lock_waits"
      value = "on"
    }
    database_flags {
      name  = "log_min_duration_statement"
      value = "-1"
    }
    database_flags {
      name  = "log_min_error_statement"
      value = "error"
    }
    database_flags {
      name  = "log_min_messages"
      value = "error"
    }
    database_flags {
      name  = "log_statement"
      value = "ddl"
    }
    database_flags {
      name  = "log_temp_files"
      value = "0"
    }
  }

  depends_on = [google_service_networking_connection.stores, google_kms_crypto_key_iam_member.agent]
}

resource "google_sql_database" "renga" {
  project  = var.project_id
  name     = "renga"
  instance = google_sql_database_instance.this.name
}

# It has no password: a token of the account is one. It makes its tables itself.
resource "google_sql_user" "gateway" {
  project        = var.project_id
  name           = trimsuffix(google_service_account.gateway.email, ".gserviceaccount.com")
  instance       = google_sql_database_instance.this.name
  type           = "CLOUD_IAM_SERVICE_ACCOUNT"
  database_roles = ["cloudsqlsuperuser"]
}

# What is too large to travel with its event.
resource "google_storage_bucket" "blobs" {
  # checkov:skip=CKV_GCP_62: the audit log says who read what; a log of accesses would be a bucket more to guard.
  # checkov:skip=CKV_GCP_78: a blob is written once, under the hash of what it holds, so there are no versions to keep.
  project                     = var.project_id
  name                        = "${var.project_id}-${local.prefix}-blobs"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection
  labels                      = local.labels

  encryption {
    default_kms_key_name = var.key_id
  }

  depends_on = [google_kms_crypto_key_iam_member.agent]
}

# Every service account of the functions' namespace; one that is not there yet is none to be named.
resource "google_storage_bucket_iam_member" "functions" {
  bucket = google_storage_bucket.blobs.name
  role   = "roles/storage.objectUser"
  member = "principalSet://iam.googleapis.com/projects/${var.project_number}/locations/global/workloadIdentityPools/${google_container_cluster.this.workload_identity_config[0].workload_pool}/namespace/${var.namespace}"
}
