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

resource "google_artifact_registry_repository_iam_member" "node" {
  project    = var.project_id
  location   = google_artifact_registry_repository.functions.location
  repository = google_artifact_registry_repository.functions.name
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.node.member
}
