locals {
  prefix = "${var.name}-${var.env}"
  labels = { app = var.name, env = var.env }

  services = [
    "binaryauthorization", "certificatemanager", "cloudscheduler", "compute", "container", "iam",
    "iamcredentials", "monitoring", "redis", "servicenetworking", "sqladmin", "storage", "workflowexecutions", "workflows",
  ]
  budget_services = var.monthly_budget_usd == null ? [] : ["billingbudgets"]
}

resource "google_project_service" "api" {
  for_each = toset(concat(local.services, local.budget_services))

  project            = var.project_id
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

# Roles and database instances keep their names after they are deleted: each life has names of its own.
resource "terraform_data" "suffix" {
  input = substr(uuid(), 0, 6)

  lifecycle {
    ignore_changes = [input]
  }
}

# Google's agents that encrypt with the environment's key: secrets of Kubernetes, the database, blobs.
resource "google_kms_crypto_key_iam_member" "agent" {
  for_each = toset(["container-engine-robot", "gcp-sa-cloud-sql", "gs-project-accounts"])

  crypto_key_id = var.key_id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-${var.project_number}@${each.key}.iam.gserviceaccount.com"

  depends_on = [google_project_service.api]
}

# Nodes read the images that are there; who is there first is the registry.
resource "google_artifact_registry_repository_iam_member" "node" {
  project    = var.project_id
  location   = var.region
  repository = var.repository
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.node.member
}
