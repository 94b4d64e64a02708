mock_provider "google" {
  source = "../../mocks/google"
}

variables {
  name           = "renga"
  env            = "dev"
  project_id     = "renga-dev-1"
  project_number = "123456789012"
  region         = "europe-west4"
}

run "images_and_their_key" {
  command = apply

  assert {
    condition     = output.registry_url == "europe-west4-docker.pkg.dev/renga-dev-1/renga-dev"
    error_message = "Images are pushed below the registry's URL."
  }
  assert {
    condition = (
      google_artifact_registry_repository.functions.kms_key_name == output.key_id &&
      google_kms_crypto_key_iam_member.agent.crypto_key_id == output.key_id &&
      google_kms_crypto_key_iam_member.agent.member == "serviceAccount:service-123456789012@gcp-sa-artifactregistry.iam.gserviceaccount.com"
    )
    error_message = "Images are encrypted with a key of ours, which Google's agent may use."
  }
  assert {
    condition     = google_artifact_registry_repository.functions.docker_config[0].immutable_tags
    error_message = "A tag stays with its image."
  }
  assert {
    condition     = can(regex("^renga-dev-[0-9a-f]{6}$", google_kms_key_ring.this.name))
    error_message = "A key ring cannot be deleted: each has a name of its own."
  }
}
