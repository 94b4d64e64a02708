output "registry_url" {
  description = "What an image's name begins with."
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.functions.repository_id}"
}

output "repository" {
  description = "The repository's name: `modules/gke` lets nodes read it."
  value       = google_artifact_registry_repository.functions.name
}

output "key_id" {
  description = "The environment's key, which `modules/gke` takes too."
  value       = google_kms_crypto_key.this.id
}
