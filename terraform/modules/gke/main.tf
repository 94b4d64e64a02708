locals {
  prefix = "${var.name}-${var.env}"
  labels = { app = var.name, env = var.env }

  services = [
    "artifactregistry", "binaryauthorization", "certificatemanager", "cloudkms", "cloudscheduler", "compute", "container",
    "iam", "iamcredentials", "monitoring", "redis", "servicenetworking", "sqladmin", "storage", "workflowexecutions", "workflows",
  ]
  budget_services = var.monthly_budget_usd == null ? [] : ["billingbudgets"]
}

resource "google_project_service" "api" {
  for_each = toset(concat(local.services, local.budget_services))

  project            = var.project_id
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

# Key rings, roles and database instances keep their names after they are deleted: each life has names of its own.
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

  depends_on = [google_project_service.api]
}

resource "google_kms_crypto_key" "this" {
  # checkov:skip=CKV_GCP_82: prevent_destroy cannot be a variable, and an environment can be destroyed; Google keeps a destroyed key for 30 days.
  name            = local.prefix
  key_ring        = google_kms_key_ring.this.id
  rotation_period = "7776000s" # 90 days
}

# Google's agents that encrypt with the key: secrets of Kubernetes, images, the database, blobs.
resource "google_kms_crypto_key_iam_member" "agent" {
  for_each = toset(["container-engine-robot", "gcp-sa-artifactregistry", "gcp-sa-cloud-sql", "gs-project-accounts"])

  crypto_key_id = google_kms_crypto_key.this.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-${var.project_number}@${each.key}.iam.gserviceaccount.com"
}
