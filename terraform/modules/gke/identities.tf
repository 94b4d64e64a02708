# Whoever opens the database: the Kubernetes service account `gateway` may act as it, and there is no key.
resource "google_service_account" "gateway" {
  project      = var.project_id
  account_id   = "${local.prefix}-gateway"
  display_name = "What functions open ${local.prefix}'s database as"

  depends_on = [google_project_service.api]
}

resource "google_service_account_iam_member" "gateway" {
  service_account_id = google_service_account.gateway.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${google_container_cluster.this.workload_identity_config[0].workload_pool}[${var.namespace}/gateway]"
}

resource "google_project_iam_member" "gateway" {
  project = var.project_id
  role    = "roles/cloudsql.instanceUser"
  member  = google_service_account.gateway.member
}
