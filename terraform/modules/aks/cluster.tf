resource "azurerm_kubernetes_cluster" "this" {
  # checkov:skip=CKV_AZURE_117: no disk outlives its node: they are ephemeral, and encrypted on the host.
  # checkov:skip=CKV_AZURE_232: functions run on this pool too; a pool for add-ons alone is a second node that never goes.
  name                = local.prefix
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  node_resource_group = "${local.prefix}-nodes"
  dns_prefix          = local.prefix
  sku_tier            = "Standard"
  kubernetes_version  = var.kubernetes_version
  tags                = local.tags

  automatic_upgrade_channel    = "patch"
  node_os_upgrade_channel      = "NodeImage"
  image_cleaner_enabled        = true
  image_cleaner_interval_hours = 48

  # Nobody has a certificate of the cluster: who comes in is somebody of Entra.
  local_account_disabled            = true
  role_based_access_control_enabled = true
  azure_policy_enabled              = true
  oidc_issuer_enabled               = true
  workload_identity_enabled         = true
  run_command_enabled               = false

  private_cluster_enabled             = length(var.public_endpoint_cidrs) == 0
  private_cluster_public_fqdn_enabled = false

  dynamic "api_server_access_profile" {
    for_each = length(var.public_endpoint_cidrs) == 0 ? [] : [var.public_endpoint_cidrs]
    content {
      # Nodes come through the NAT, and they come to the same address.
      authorized_ip_ranges = concat(api_server_access_profile.value, ["${azurerm_public_ip.nat.ip_address}/32"])
    }
  }

  default_node_pool {
    name                         = "cpu"
    vm_size                      = coalesce(var.cpu_pool.machine, "Standard_D4ds_v5")
    auto_scaling_enabled         = true
    min_count                    = var.cpu_pool.min
    max_count                    = var.cpu_pool.max
    only_critical_addons_enabled = false
    vnet_subnet_id               = azurerm_subnet.this["nodes"].id
    node_public_ip_enabled       = false
    os_sku                       = "AzureLinux"
    os_disk_type                 = "Ephemeral"
    os_disk_size_gb              = var.cpu_pool.disk_gb
    host_encryption_enabled      = true
    max_pods                     = 110
    # A size that changes moves the nodes here meanwhile, instead of making the cluster anew.
    temporary_name_for_rotation = "moving"
    tags                        = local.tags

    upgrade_settings {
      max_surge = "1"
    }
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.cluster.id]
  }

  kubelet_identity {
    client_id                 = azurerm_user_assigned_identity.kubelet.client_id
    object_id                 = azurerm_user_assigned_identity.kubelet.principal_id
    user_assigned_identity_id = azurerm_user_assigned_identity.kubelet.id
  }

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled = true
    tenant_id          = var.tenant_id
  }

  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    network_policy      = "cilium"
    network_data_plane  = "cilium"
    outbound_type       = "userAssignedNATGateway"
    load_balancer_sku   = "standard"
    pod_cidr            = "10.244.0.0/16"
    service_cidr        = "10.0.0.0/16"
    dns_service_ip      = "10.0.0.10"
  }

  # Nodes that are not needed go soon.
  auto_scaler_profile {
    expander                         = "least-waste"
    scale_down_delay_after_add       = "5m"
    scale_down_unneeded              = "5m"
    scale_down_utilization_threshold = "0.5"
    skip_nodes_with_local_storage    = false
    skip_nodes_with_system_pods      = false
  }

  # No node is made for a pod beyond the two pools; a cluster that makes its own could not be stopped.
  node_provisioning_profile {
    mode = "Manual"
  }

  key_vault_secrets_provider {
    secret_rotation_enabled = true
  }

  oms_agent {
    log_analytics_workspace_id      = azurerm_log_analytics_workspace.this.id
    msi_auth_for_monitoring_enabled = true
  }

  maintenance_window_auto_upgrade {
    frequency   = "Weekly"
    interval    = 1
    day_of_week = "Saturday"
    start_time  = "02:00"
    duration    = 4
    utc_offset  = "+00:00"
  }

  lifecycle {
    # The autoscaler and the upgrade channel change these.
    ignore_changes = [default_node_pool[0].node_count, kubernetes_version]

    precondition {
      condition     = !var.cpu_pool.spot
      error_message = "cpu_pool.spot: the first pool of AKS cannot be of spot nodes."
    }
  }

  depends_on = [
    azurerm_role_assignment.network, azurerm_role_assignment.kubelet, azurerm_subnet_nat_gateway_association.nodes,
    azurerm_subnet_network_security_group_association.this,
  ]
}

resource "azurerm_kubernetes_cluster_node_pool" "gpu" {
  count = var.gpu_pool.max > 0 ? 1 : 0

  name                        = "gpu"
  kubernetes_cluster_id       = azurerm_kubernetes_cluster.this.id
  vm_size                     = coalesce(var.gpu_pool.machine, "Standard_NC4as_T4_v3")
  auto_scaling_enabled        = true
  min_count                   = var.gpu_pool.min
  max_count                   = var.gpu_pool.max
  node_count                  = var.gpu_pool.min
  priority                    = var.gpu_pool.spot ? "Spot" : "Regular"
  eviction_policy             = var.gpu_pool.spot ? "Delete" : null
  spot_max_price              = var.gpu_pool.spot ? -1 : null
  scale_down_mode             = "Delete"
  gpu_driver                  = "Install"
  os_sku                      = "AzureLinux"
  os_disk_type                = "Ephemeral"
  os_disk_size_gb             = var.gpu_pool.disk_gb
  vnet_subnet_id              = azurerm_subnet.this["nodes"].id
  node_public_ip_enabled      = false
  host_encryption_enabled     = true
  max_pods                    = 110
  temporary_name_for_rotation = var.gpu_pool.spot ? null : "gpumoving"
  tags                        = local.tags

  # The first of each are the same on every cloud, so that one manifest fits all. AKS puts the second on spot nodes by
  # itself; unless they are written here too, every plan makes the pool anew.
  node_labels = merge(
    { "accelerator" = "nvidia" },
    var.gpu_pool.spot ? { "kubernetes.azure.com/scalesetpriority" = "spot" } : {},
  )
  node_taints = concat(
    ["nvidia.com/gpu=present:NoSchedule"],
    var.gpu_pool.spot ? ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"] : [],
  )

  timeouts {
    create = "60m"
  }

  lifecycle {
    ignore_changes = [node_count]
  }
}
