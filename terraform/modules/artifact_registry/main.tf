locals {
  prefix = "${var.name}-${var.env}"
  labels = { app = var.name, env = var.env }
}

resource "google_project_service" "api" {
  for_each = toset(["artifactregistry", "cloudkms"])

  project            = var.project_id
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

# Google keeps a key ring for good, and its name: each life has one of its own.
resource "terraform_data" "suffix" {
  input = substr(uuid(), 0, 6)

  lifecycle {
    ignore_changes = [input]
  }
}

resource "google_kms_key_ring" "this" {
  project  = var.project_id
  name     = "${local.prefix}-${terraform_data.suffix.output}"
  location = var.region

  lifecycle {
    # A ring that was made with the cluster has the cluster's suffix, and no ring can be renamed.
    ignore_changes = [name]
  }

  depends_on = [google_project_service.api]
}

# Of the environment: images, and while there is a cluster its secrets, its database and its blobs.
resource "google_kms_crypto_key" "this" {
  # checkov:skip=CKV_GCP_82: prevent_destroy cannot be a variable, and an environment can be destroyed; Google keeps a destroyed key for 30 days.
  name            = local.prefix
  key_ring        = google_kms_key_ring.this.id
  rotation_period = "7776000s" # 90 days
}

resource "google_kms_crypto_key_iam_member" "agent" {
  crypto_key_id = google_kms_crypto_key.this.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-${var.project_number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
}

resource "google_artifact_registry_repository" "functions" {
  project       = var.project_id
  location      = var.region
  repository_id = local.prefix
  description   = "Images of the functions"
  format        = "DOCKER"
  kms_key_name  = google_kms_crypto_key.this.id
  labels        = local.labels

  docker_config {
    immutable_tags = true
  }

  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }

  cleanup_policies {
    id     = "untagged"
    action = "DELETE"

    condition {
      tag_state  = "UNTAGGED"
      older_than = "1209600s" # 14 days
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.agent]
}
