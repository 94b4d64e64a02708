resource "google_service_account" "node" {
  project      = var.project_id
  account_id   = "${local.prefix}-node"
  display_name = "Nodes of ${local.prefix}"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "node" {
  project = var.project_id
  role    = "roles/container.defaultNodeServiceAccount"
  member  = google_service_account.node.member
}

resource "google_container_cluster" "this" {
  project             = var.project_id
  name                = local.prefix
  location            = var.zone
  min_master_version  = var.kubernetes_version
  network             = google_compute_network.this.id
  subnetwork          = google_compute_subnetwork.nodes.id
  networking_mode     = "VPC_NATIVE"
  deletion_protection = var.deletion_protection
  resource_labels     = local.labels

  # Every node is one of the two pools.
  remove_default_node_pool = true
  initial_node_count       = 1

  # Dataplane V2 enforces network policies; Calico, which the two policy blocks are about, stays off.
  datapath_provider           = "ADVANCED_DATAPATH"
  enable_intranode_visibility = true
  enable_shielded_nodes       = true

  network_policy {
    enabled = false
  }

  release_channel {
    channel = "REGULAR"
  }

  ip_allocation_policy {
    cluster_secondary_range_name  = "pods"
    services_secondary_range_name = "services"
  }

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = length(var.public_endpoint_cidrs) == 0
    master_ipv4_cidr_block  = "172.16.0.0/28"
  }

  # By its name the API is reached through Google's front end, which lets nobody through whom IAM does not: this is how
  # Terraform and people get in. It has an IP address only where somebody may use it.
  control_plane_endpoints_config {
    dns_endpoint_config {
      allow_external_traffic = true
    }
    ip_endpoints_config {
      enabled = length(var.public_endpoint_cidrs) > 0
    }
  }

  master_authorized_networks_config {
    dynamic "cidr_blocks" {
      for_each = var.public_endpoint_cidrs
      content {
        cidr_block = cidr_blocks.value
      }
    }
  }

  master_auth {
    client_certificate_config {
      issue_client_certificate = false
    }
  }

  dynamic "authenticator_groups_config" {
    for_each = var.security_group == null ? [] : [var.security_group]
    content {
      security_group = authenticator_groups_config.value
    }
  }

  workload_identity_config {
    workload_pool = "${var.project_id}.svc.id.goog"
  }

  database_encryption {
    state    = "ENCRYPTED"
    key_name = var.key_id
  }

  binary_authorization {
    evaluation_mode = "PROJECT_SINGLETON_POLICY_ENFORCE"
  }

  security_posture_config {
    mode               = "BASIC"
    vulnerability_mode = "VULNERABILITY_BASIC"
  }

  logging_config {
    enable_components = ["SYSTEM_COMPONENTS", "WORKLOADS"]
  }

  monitoring_config {
    enable_components = ["SYSTEM_COMPONENTS"]
    managed_prometheus {
      enabled = true
    }
  }

  cost_management_config {
    enabled = true
  }

  gateway_api_config {
    channel = "CHANNEL_STANDARD"
  }

  addons_config {
    network_policy_config {
      disabled = true
    }
  }

  # No node is made for a pod beyond the two pools; nodes that are not needed go soon.
  cluster_autoscaling {
    enabled             = false
    autoscaling_profile = "OPTIMIZE_UTILIZATION"
  }

  maintenance_policy {
    recurring_window {
      start_time = "2026-01-03T02:00:00Z"
      end_time   = "2026-01-03T06:00:00Z"
      recurrence = "FREQ=WEEKLY;BYDAY=SA,SU"
    }
  }

  # Of the default pool, which is there for a minute only.
  node_config {
    service_account = google_service_account.node.email

    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }

  lifecycle {
    ignore_changes = [node_config, initial_node_count]
  }

  timeouts {
    create = "60m"
  }

  depends_on = [google_project_iam_member.node, google_kms_crypto_key_iam_member.agent]
}

resource "google_container_node_pool" "cpu" {
  project            = var.project_id
  name               = "cpu"
  cluster            = google_container_cluster.this.id
  location           = var.zone
  initial_node_count = var.cpu_pool.min

  autoscaling {
    total_min_node_count = var.cpu_pool.min
    total_max_node_count = var.cpu_pool.max
    location_policy      = "ANY"
  }

  management {
    auto_repair  = true
    auto_upgrade = true
  }

  node_config {
    machine_type    = coalesce(var.cpu_pool.machine, "e2-standard-4")
    image_type      = "COS_CONTAINERD"
    spot            = var.cpu_pool.spot
    disk_type       = "pd-balanced"
    disk_size_gb    = var.cpu_pool.disk_gb
    service_account = google_service_account.node.email
    oauth_scopes    = ["https://www.googleapis.com/auth/cloud-platform"]
    metadata        = { disable-legacy-endpoints = "true" }

    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }

  upgrade_settings {
    strategy        = "SURGE"
    max_surge       = 1
    max_unavailable = 0
  }

  lifecycle {
    ignore_changes = [initial_node_count]
  }
}

resource "google_container_node_pool" "gpu" {
  count = var.gpu_pool.max > 0 ? 1 : 0

  project            = var.project_id
  name               = "gpu"
  cluster            = google_container_cluster.this.id
  location           = var.zone
  initial_node_count = var.gpu_pool.min

  autoscaling {
    total_min_node_count = var.gpu_pool.min
    total_max_node_count = var.gpu_pool.max
    location_policy      = "ANY"
  }

  management {
    auto_repair  = true
    auto_upgrade = true
  }

  node_config {
    machine_type    = coalesce(var.gpu_pool.machine, "g2-standard-4")
    image_type      = "COS_CONTAINERD"
    spot            = var.gpu_pool.spot
    disk_type       = "pd-balanced"
    disk_size_gb    = var.gpu_pool.disk_gb
    service_account = google_service_account.node.email
    oauth_scopes    = ["https://www.googleapis.com/auth/cloud-platform"]
    metadata        = { disable-legacy-endpoints = "true" }

    # The same on every cloud, so that one manifest fits all.
    labels = { accelerator = "nvidia" }

    taint {
      key    = "nvidia.com/gpu"
      value  = "present"
      effect = "NO_SCHEDULE"
    }

    guest_accelerator {
      type  = var.accelerator
      count = 1

      gpu_driver_installation_config {
        gpu_driver_version = "LATEST"
      }
    }

    # An image of gigabytes starts before all of it is there.
    gcfs_config {
      enabled = true
    }
    gvnic {
      enabled = true
    }
    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }

  # An upgrade takes no second GPU, which the quota may not have.
  upgrade_settings {
    strategy        = "SURGE"
    max_surge       = 0
    max_unavailable = 1
  }

  timeouts {
    create = "60m"
  }

  lifecycle {
    ignore_changes = [initial_node_count]
  }
}
