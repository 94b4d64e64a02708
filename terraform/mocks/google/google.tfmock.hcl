# What Google would have said. A mocked provider still checks arguments with the provider's own code, so what one resource
# takes from another has its real form here.

mock_resource "google_service_account" {
  defaults = {
    id     = "projects/renga-dev-1/serviceAccounts/renga-dev-x@renga-dev-1.iam.gserviceaccount.com"
    name   = "projects/renga-dev-1/serviceAccounts/renga-dev-x@renga-dev-1.iam.gserviceaccount.com"
    email  = "renga-dev-x@renga-dev-1.iam.gserviceaccount.com"
    member = "serviceAccount:renga-dev-x@renga-dev-1.iam.gserviceaccount.com"
  }
}

mock_resource "google_project_iam_custom_role" {
  defaults = {
    id   = "projects/renga-dev-1/roles/renga_dev_x_0a1b2c"
    name = "projects/renga-dev-1/roles/renga_dev_x_0a1b2c"
  }
}

mock_resource "google_compute_network" {
  defaults = {
    id        = "projects/renga-dev-1/global/networks/renga-dev"
    self_link = "https://www.googleapis.com/compute/v1/projects/renga-dev-1/global/networks/renga-dev"
  }
}

mock_resource "google_compute_subnetwork" {
  defaults = {
    id        = "projects/renga-dev-1/regions/europe-west4/subnetworks/renga-dev-nodes"
    self_link = "https://www.googleapis.com/compute/v1/projects/renga-dev-1/regions/europe-west4/subnetworks/renga-dev-nodes"
  }
}

mock_resource "google_compute_global_address" {
  defaults = {
    id      = "projects/renga-dev-1/global/addresses/renga-dev-gateway"
    address = "203.0.113.10"
  }
}

mock_resource "google_kms_key_ring" {
  defaults = { id = "projects/renga-dev-1/locations/europe-west4/keyRings/renga-dev-0a1b2c" }
}

mock_resource "google_kms_crypto_key" {
  defaults = { id = "projects/renga-dev-1/locations/europe-west4/keyRings/renga-dev-0a1b2c/cryptoKeys/renga-dev" }
}

mock_resource "google_container_cluster" {
  defaults = { id = "projects/renga-dev-1/locations/europe-west4-a/clusters/renga-dev" }
}

mock_resource "google_container_node_pool" {
  defaults = { id = "projects/renga-dev-1/locations/europe-west4-a/clusters/renga-dev/nodePools/x" }
}

mock_resource "google_redis_instance" {
  defaults = {
    id          = "projects/renga-dev-1/locations/europe-west4/instances/renga-dev"
    host        = "10.20.0.4"
    port        = 6378
    auth_string = "11111111-2222-4333-8444-555555555555"
    server_ca_certs = [{
      cert             = "-----BEGIN CERTIFICATE-----\nredis\n-----END CERTIFICATE-----"
      create_time      = "2026-01-01T00:00:00Z"
      expire_time      = "2036-01-01T00:00:00Z"
      serial_number    = "1"
      sha1_fingerprint = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    }]
  }
}

mock_resource "google_sql_database_instance" {
  defaults = {
    private_ip_address = "10.20.16.3"
    connection_name    = "renga-dev-1:europe-west4:renga-dev-0a1b2c"
  }
}

mock_resource "google_certificate_manager_dns_authorization" {
  defaults = {
    id = "projects/renga-dev-1/locations/global/dnsAuthorizations/renga-dev-gateway"
    dns_resource_record = [{
      name = "_acme-challenge.functions.dev.example.org."
      type = "CNAME"
      data = "0a1b2c3d.5.authorize.certificatemanager.goog."
    }]
  }
}

mock_resource "google_certificate_manager_certificate" {
  defaults = { id = "projects/renga-dev-1/locations/global/certificates/renga-dev-gateway" }
}

mock_resource "google_certificate_manager_certificate_map" {
  defaults = { id = "projects/renga-dev-1/locations/global/certificateMaps/renga-dev-gateway" }
}

mock_resource "google_monitoring_notification_channel" {
  defaults = {
    id   = "projects/renga-dev-1/notificationChannels/1234567890"
    name = "projects/renga-dev-1/notificationChannels/1234567890"
  }
}

mock_resource "google_workflows_workflow" {
  defaults = { id = "projects/renga-dev-1/locations/europe-west4/workflows/renga-dev-x" }
}

mock_resource "google_pubsub_topic" {
  defaults = { id = "projects/renga-dev-1/topics/dev.renga.x.v1" }
}

mock_resource "google_pubsub_subscription" {
  defaults = { id = "projects/renga-dev-1/subscriptions/x.dev.renga.x.v1" }
}

mock_resource "google_iam_workload_identity_pool" {
  defaults = {
    id   = "projects/renga-dev-1/locations/global/workloadIdentityPools/wif-renga-dev-0a1b2c"
    name = "projects/123456789012/locations/global/workloadIdentityPools/wif-renga-dev-0a1b2c"
  }
}

mock_resource "google_iam_workload_identity_pool_provider" {
  defaults = {
    id   = "projects/renga-dev-1/locations/global/workloadIdentityPools/wif-renga-dev-0a1b2c/providers/eks-0a1b2c"
    name = "projects/123456789012/locations/global/workloadIdentityPools/wif-renga-dev-0a1b2c/providers/eks-0a1b2c"
  }
}

mock_resource "google_storage_bucket" {
  defaults = {
    id  = "renga-dev-1-renga-dev-blobs"
    url = "gs://renga-dev-1-renga-dev-blobs"
  }
}
