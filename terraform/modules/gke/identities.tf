# Whoever opens the database, which is the proxy: its Kubernetes service account `gateway` may act as this one.
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
  for_each = toset(["roles/cloudsql.client", "roles/cloudsql.instanceUser"])

  project = var.project_id
  role    = each.key
  member  = google_service_account.gateway.member
}
