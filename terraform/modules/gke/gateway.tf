# One wildcard certificate for all functions, which Google renews as long as the zone says that the domain is ours.

locals {
  # A function's address is SERVICE.NAMESPACE.DOMAIN.
  host = var.gateway_domain == null ? [] : ["${var.namespace}.${var.gateway_domain}"]
}

resource "google_compute_global_address" "gateway" {
  count = length(local.host)

  project = var.project_id
  name    = "${local.prefix}-gateway"

  depends_on = [google_project_service.api]
}

resource "google_certificate_manager_dns_authorization" "gateway" {
  count = length(local.host)

  project = var.project_id
  name    = "${local.prefix}-gateway"
  domain  = local.host[0]
  labels  = local.labels

  depends_on = [google_project_service.api]
}

resource "google_certificate_manager_certificate" "gateway" {
  count = length(local.host)

  project = var.project_id
  name    = "${local.prefix}-gateway"
  labels  = local.labels

  managed {
    domains            = ["*.${local.host[0]}"]
    dns_authorizations = [google_certificate_manager_dns_authorization.gateway[0].id]
  }
}

resource "google_certificate_manager_certificate_map" "gateway" {
  count = length(local.host)

  project = var.project_id
  name    = "${local.prefix}-gateway"
  labels  = local.labels

  depends_on = [google_project_service.api]
}

resource "google_certificate_manager_certificate_map_entry" "gateway" {
  count = length(local.host)

  project      = var.project_id
  name         = "${local.prefix}-gateway"
  map          = google_certificate_manager_certificate_map.gateway[0].name
  certificates = [google_certificate_manager_certificate.gateway[0].id]
  hostname     = "*.${local.host[0]}"
  labels       = local.labels
}
