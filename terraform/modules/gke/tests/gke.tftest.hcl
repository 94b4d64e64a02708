mock_provider "google" {
  source = "../../mocks/google"
}

variables {
  env                = "dev"
  project_id         = "renga-dev-1"
  project_number     = "123456789012"
  kubernetes_version = "1.34"
  key_id             = "projects/renga-dev-1/locations/europe-west4/keyRings/renga-dev-0a1b2c/cryptoKeys/renga-dev"
  repository         = "renga-dev"
}

# Each run takes seconds, most of them the provider's start: so there are few.

run "as_it_is_by_default" {
  command = plan

  assert {
    condition     = google_container_node_pool.gpu[0].autoscaling[0].total_min_node_count == 0 && google_container_node_pool.gpu[0].initial_node_count == 0
    error_message = "The GPU pool begins and may end with no node."
  }
  assert {
    condition     = google_container_node_pool.gpu[0].autoscaling[0].total_max_node_count == 1
    error_message = "The GPU pool is bounded."
  }
  assert {
    condition     = one(google_container_node_pool.gpu[0].node_config[0].taint) == { key = "nvidia.com/gpu", value = "present", effect = "NO_SCHEDULE" }
    error_message = "A node with a GPU keeps everything away that does not ask for one."
  }
  assert {
    condition     = google_container_node_pool.gpu[0].node_config[0].labels["accelerator"] == "nvidia"
    error_message = "One selector fits all clouds: accelerator=nvidia."
  }
  assert {
    condition     = google_container_node_pool.gpu[0].node_config[0].guest_accelerator[0].gpu_driver_installation_config[0].gpu_driver_version == "LATEST"
    error_message = "GKE installs no driver unless told to."
  }
  assert {
    condition     = google_container_node_pool.gpu[0].upgrade_settings[0].max_surge == 0
    error_message = "An upgrade needs no second GPU."
  }
  assert {
    condition = (
      google_container_cluster.this.private_cluster_config[0].enable_private_nodes && google_container_cluster.this.private_cluster_config[0].enable_private_endpoint &&
      !google_container_cluster.this.control_plane_endpoints_config[0].ip_endpoints_config[0].enabled &&
      length(google_container_cluster.this.master_authorized_networks_config[0].cidr_blocks) == 0
    )
    error_message = "Nodes have no public address, and neither has the Kubernetes API."
  }
  assert {
    condition     = !google_sql_database_instance.this.settings[0].ip_configuration[0].ipv4_enabled && google_redis_instance.this.connect_mode == "PRIVATE_SERVICE_ACCESS"
    error_message = "The stores have private addresses."
  }
  assert {
    condition = alltrue([
      google_container_cluster.this.deletion_protection, google_redis_instance.this.deletion_protection,
      google_sql_database_instance.this.deletion_protection, google_sql_database_instance.this.settings[0].deletion_protection_enabled,
    ])
    error_message = "By default nothing that holds something can be destroyed."
  }
  assert {
    condition = (
      length(google_cloud_scheduler_job.state) == 0 && length(google_billing_budget.this) == 0 &&
      length(google_compute_global_address.gateway) == 0 && !contains(keys(google_project_service.api), "billingbudgets")
    )
    error_message = "What is not asked for is not made."
  }
  assert {
    condition     = length(google_workflows_workflow.state) == 2
    error_message = "Sleeping by hand works without a schedule."
  }
}

run "no_gpu_at_all" {
  command = plan
  variables { gpu_pool = { max = 0 } }

  assert {
    condition     = length(google_container_node_pool.gpu) == 0
    error_message = "max = 0 leaves the pool out."
  }
}

run "all_that_can_be_asked_for" {
  command = apply
  variables {
    cpu_pool              = { machine = "n2d-standard-4", min = 2, max = 6, spot = true, disk_gb = 80 }
    gpu_pool              = { machine = "n1-standard-4", max = 3, spot = false }
    accelerator           = "nvidia-tesla-t4"
    public_endpoint_cidrs = ["203.0.113.0/24"]
    deletion_protection   = false
    data_tier             = "replicated"
    sleep_schedule        = { sleep = "18:55", wake = "06:30", days = ["MON", "FRI"], time_zone = "Europe/Amsterdam" }
    monthly_budget_usd    = 150
    alert_email           = "ops@example.org"
    billing_account       = "0A1B2C-000000-FFFFFF"
    security_group        = "gke-security-groups@example.org"
    gateway_domain        = "dev.example.org"
  }

  assert {
    condition = (
      google_container_node_pool.cpu.node_config[0].machine_type == "n2d-standard-4" && google_container_node_pool.cpu.node_config[0].spot &&
      google_container_node_pool.cpu.autoscaling[0].total_min_node_count == 2 && google_container_node_pool.cpu.autoscaling[0].total_max_node_count == 6
    )
    error_message = "The CPU pool is as asked for."
  }
  assert {
    condition = (
      google_container_node_pool.gpu[0].node_config[0].machine_type == "n1-standard-4" && !google_container_node_pool.gpu[0].node_config[0].spot &&
      google_container_node_pool.gpu[0].node_config[0].guest_accelerator[0].type == "nvidia-tesla-t4"
    )
    error_message = "The GPU pool is as asked for."
  }
  assert {
    condition = (
      google_container_cluster.this.control_plane_endpoints_config[0].ip_endpoints_config[0].enabled && !google_container_cluster.this.private_cluster_config[0].enable_private_endpoint &&
      google_container_cluster.this.master_authorized_networks_config[0].cidr_blocks[*].cidr_block == tolist(["203.0.113.0/24"])
    )
    error_message = "The API's address is open to these blocks and to no others."
  }
  assert {
    condition = !anytrue([
      google_container_cluster.this.deletion_protection, google_redis_instance.this.deletion_protection,
      google_sql_database_instance.this.deletion_protection, google_sql_database_instance.this.settings[0].deletion_protection_enabled,
    ])
    error_message = "With deletion_protection = false, everything can be destroyed."
  }
  assert {
    condition     = google_redis_instance.this.tier == "STANDARD_HA" && google_sql_database_instance.this.settings[0].availability_type == "REGIONAL"
    error_message = "replicated means a standby of both."
  }
  assert {
    condition     = google_cloud_scheduler_job.state["sleep"].schedule == "5 19 * * MON,FRI" && google_cloud_scheduler_job.state["wake"].schedule == "30 6 * * MON,FRI"
    error_message = "Nodes stop ten minutes after pushes pause, and start when it is time to wake."
  }
  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.state : job.time_zone == "Europe/Amsterdam"])
    error_message = "The times are those of the schedule's zone."
  }
  assert {
    condition = (
      google_billing_budget.this[0].amount[0].specified_amount[0].units == "150" &&
      google_billing_budget.this[0].threshold_rules[0].threshold_percent == 0.5 &&
      google_billing_budget.this[0].threshold_rules[1].spend_basis == "FORECASTED_SPEND" &&
      google_monitoring_notification_channel.budget[0].labels["email_address"] == "ops@example.org"
    )
    error_message = "Mail is sent at half of the budget, and when the month is forecast to exceed it."
  }
  assert {
    condition     = output.oidc_issuer == "https://container.googleapis.com/v1/projects/renga-dev-1/locations/europe-west4-a/clusters/renga-dev"
    error_message = "The issuer is the cluster's own."
  }
  assert {
    condition     = output.stores.egress == [{ cidr = "10.20.0.4/32", port = 6378 }]
    error_message = "Functions may reach Redis by its address."
  }
  assert {
    condition     = startswith(output.stores.certificates["redis-ca.pem"], "-----BEGIN CERTIFICATE-----")
    error_message = "Functions get the certificate of who signed Redis'."
  }
  assert {
    condition     = output.stores.settings == { "blobs-url" = "gs://renga-dev-1-renga-dev-blobs" }
    error_message = "Functions are told where blobs go."
  }
  assert {
    condition     = output.stores.cloud_sql == { instance = "renga-dev-1:europe-west4:renga-dev-0a1b2c", address = "10.20.16.3", identity = "renga-dev-x@renga-dev-1.iam.gserviceaccount.com" }
    error_message = "The proxy is told which database to open, and as whom."
  }
  assert {
    condition     = google_storage_bucket_iam_member.functions.member == "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/renga-dev-1.svc.id.goog/namespace/functions"
    error_message = "Functions, and nobody else, read and write blobs."
  }
  assert {
    condition     = google_storage_bucket.blobs.public_access_prevention == "enforced" && google_storage_bucket.blobs.force_destroy
    error_message = "Blobs are never public, and go with an environment that may be destroyed."
  }
  assert {
    condition     = nonsensitive(output.redis_url) == "rediss://:11111111-2222-4333-8444-555555555555@10.20.0.4:6378/0?ssl_check_hostname=false&ssl_ca_certs=/etc/renga/stores/redis-ca.pem"
    error_message = "Redis is spoken to over TLS."
  }
  assert {
    condition     = nonsensitive(output.postgres_url) == "postgresql://renga-dev-x%40renga-dev-1.iam@postgres.functions.svc.cluster.local:5432/renga"
    error_message = "PostgreSQL is opened by the proxy, as the service account and without a password."
  }
  assert {
    condition     = output.gateway == { service_type = "ClusterIP", service_annotations = {}, gke = { certificate_map = "renga-dev-gateway", address = "renga-dev-gateway" } }
    error_message = "The gateway ends TLS with the map's certificate."
  }
  assert {
    condition = output.dns_records == tolist([
      { name = "*.functions.dev.example.org.", type = "A", value = "203.0.113.10" },
      { name = "_acme-challenge.functions.dev.example.org.", type = "CNAME", value = "0a1b2c3d.5.authorize.certificatemanager.goog." },
    ])
    error_message = "The zone needs the functions' address and the proof for their certificate."
  }
  assert {
    condition     = google_service_account_iam_member.gateway.member == "serviceAccount:renga-dev-1.svc.id.goog[functions/gateway]"
    error_message = "Only the service account `gateway` of the functions may act as the database's user."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].connector_enforcement == "REQUIRED"
    error_message = "Nobody opens the database but by a connector."
  }
  assert {
    condition     = google_project_iam_member.node.role == "roles/container.defaultNodeServiceAccount"
    error_message = "Nodes may do what nodes have to, and no more."
  }
  assert {
    condition     = yamldecode(google_workflows_workflow.state["sleep"].source_contents).main.steps[0].pools.for.steps[0].keep_the_autoscaler_off.args.body.autoscaling.enabled == false
    error_message = "The autoscaler is off before nodes are taken away."
  }
  assert {
    condition     = yamldecode(google_workflows_workflow.state["sleep"].source_contents).main.steps[0].pools.for.in[0].name == google_container_node_pool.cpu.id
    error_message = "The CPU pool sleeps."
  }
  assert {
    condition     = yamldecode(google_workflows_workflow.state["wake"].source_contents).main.steps[0].start_the_database.args.instance == google_sql_database_instance.this.name
    error_message = "The database is started by its name."
  }
  assert {
    condition     = google_container_cluster.this.authenticator_groups_config[0].security_group == "gke-security-groups@example.org"
    error_message = "Kubernetes roles may name the groups of this one."
  }
}

# All that is wrong is said at once.
run "what_google_does_not_take" {
  command = plan
  variables {
    # A budget of nobody's account.
    monthly_budget_usd = 150
    alert_email        = "ops@example.org"
    zone               = "us-central1-a"
    security_group     = "admins@example.org"
    gateway_domain     = "https://example.org/"
    project_number     = "renga-dev-1"
  }
  expect_failures = [var.billing_account, var.zone, var.security_group, var.gateway_domain, var.project_number]
}
