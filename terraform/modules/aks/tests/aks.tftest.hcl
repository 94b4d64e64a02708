mock_provider "azurerm" {
  source = "../../mocks/azurerm"
}

variables {
  env                = "dev"
  subscription_id    = "00000000-1111-4222-8333-444444444444"
  tenant_id          = "99999999-1111-4222-8333-444444444444"
  admin_group_id     = "abababab-1111-4222-8333-444444444444"
  kubernetes_version = "1.34"
  registry_id        = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.ContainerRegistry/registries/rengadev0a1b2c"
  resource_group = {
    id       = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev"
    name     = "renga-dev"
    location = "westeurope"
  }
}

# Each run takes seconds, most of them the provider's start: so there are few.

run "as_it_is_by_default" {
  command = plan

  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.gpu[0].min_count == 0 && azurerm_kubernetes_cluster_node_pool.gpu[0].node_count == 0
    error_message = "The GPU pool begins and may end with no node."
  }
  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.gpu[0].max_count == 1 && azurerm_kubernetes_cluster_node_pool.gpu[0].auto_scaling_enabled
    error_message = "The GPU pool is bounded."
  }
  assert {
    condition = toset(azurerm_kubernetes_cluster_node_pool.gpu[0].node_taints) == toset([
      "nvidia.com/gpu=present:NoSchedule", "kubernetes.azure.com/scalesetpriority=spot:NoSchedule",
    ])
    error_message = "A node with a GPU keeps everything away that does not ask for one; the spot taint is written out, or every plan makes the pool anew."
  }
  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.gpu[0].node_labels == tomap({ "accelerator" = "nvidia", "kubernetes.azure.com/scalesetpriority" = "spot" })
    error_message = "One selector fits all clouds: accelerator=nvidia; the spot label is written out."
  }
  assert {
    condition = (
      azurerm_kubernetes_cluster_node_pool.gpu[0].priority == "Spot" && azurerm_kubernetes_cluster_node_pool.gpu[0].eviction_policy == "Delete" &&
      azurerm_kubernetes_cluster_node_pool.gpu[0].spot_max_price == -1 && azurerm_kubernetes_cluster_node_pool.gpu[0].gpu_driver == "Install"
    )
    error_message = "GPUs are spot nodes at any price up to the regular one, gone when evicted, with a driver."
  }
  assert {
    condition     = azurerm_kubernetes_cluster.this.private_cluster_enabled && length(azurerm_kubernetes_cluster.this.api_server_access_profile) == 0
    error_message = "The Kubernetes API has no public address."
  }
  assert {
    condition = (
      azurerm_kubernetes_cluster.this.local_account_disabled && azurerm_kubernetes_cluster.this.workload_identity_enabled &&
      azurerm_kubernetes_cluster.this.azure_active_directory_role_based_access_control[0].azure_rbac_enabled
    )
    error_message = "Who comes in is somebody of Entra."
  }
  assert {
    condition     = azurerm_kubernetes_cluster.this.node_provisioning_profile[0].mode == "Manual"
    error_message = "A cluster that makes its own nodes cannot be stopped."
  }
  assert {
    condition = !anytrue([
      azurerm_postgresql_flexible_server.this.public_network_access_enabled,
      azurerm_storage_account.blobs.public_network_access_enabled, azurerm_storage_account.blobs.shared_access_key_enabled,
      azurerm_postgresql_flexible_server.this.authentication[0].password_auth_enabled,
      azurerm_managed_redis.this.default_database[0].access_keys_authentication_enabled,
    ]) && azurerm_managed_redis.this.public_network_access == "Disabled"
    error_message = "The stores have private addresses, and no password."
  }
  assert {
    condition     = toset(keys(azurerm_subnet_network_security_group_association.this)) == toset(keys(azurerm_subnet.this))
    error_message = "Every subnet has a security group."
  }
  assert {
    condition     = toset(keys(azurerm_management_lock.holds)) == toset(["cluster", "redis", "postgres", "blobs"])
    error_message = "By default nothing that holds something can be deleted."
  }
  assert {
    condition = (
      length(azurerm_logic_app_workflow.state) == 0 && length(azurerm_consumption_budget_subscription.this) == 0 &&
      length(azurerm_application_gateway.this) == 0 && length(azurerm_role_definition.sleep) == 0
    )
    error_message = "What is not asked for is not made."
  }
  assert {
    condition     = output.gateway.service_type == "ClusterIP" && length(output.dns_records) == 0
    error_message = "Without a domain nothing is reached from outside."
  }
  assert {
    condition     = keys(azurerm_federated_identity_credential.gateway) == ["gateway"]
    error_message = "The service account `gateway` has the identity in any case."
  }
}

run "no_gpu_at_all" {
  command = plan
  variables { gpu_pool = { max = 0 } }

  assert {
    condition     = length(azurerm_kubernetes_cluster_node_pool.gpu) == 0
    error_message = "max = 0 leaves the pool out."
  }
}

run "all_that_can_be_asked_for" {
  command = apply
  variables {
    cpu_pool              = { machine = "Standard_D8ds_v5", min = 2, max = 6, disk_gb = 80 }
    gpu_pool              = { machine = "Standard_NC24ads_A100_v4", max = 3, spot = false }
    public_endpoint_cidrs = ["203.0.113.0/24"]
    deletion_protection   = false
    data_tier             = "replicated"
    sleep_schedule        = { sleep = "18:55", wake = "06:30", days = ["MON", "FRI"], time_zone = "Europe/Amsterdam" }
    monthly_budget_usd    = 150
    alert_email           = "ops@example.org"
    service_accounts      = ["schema-parse", "platform-ledger"]
    gateway_domain        = "dev.example.org"
    gateway_certificate = {
      key_vault_id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/certificates/providers/Microsoft.KeyVault/vaults/certificates"
      secret_id    = "https://certificates.vault.azure.net/secrets/functions"
    }
  }

  assert {
    condition = (
      azurerm_kubernetes_cluster.this.default_node_pool[0].vm_size == "Standard_D8ds_v5" &&
      azurerm_kubernetes_cluster.this.default_node_pool[0].min_count == 2 && azurerm_kubernetes_cluster.this.default_node_pool[0].max_count == 6 &&
      azurerm_kubernetes_cluster.this.default_node_pool[0].os_disk_size_gb == 80
    )
    error_message = "The CPU pool is as asked for."
  }
  assert {
    condition = (
      azurerm_kubernetes_cluster_node_pool.gpu[0].vm_size == "Standard_NC24ads_A100_v4" && azurerm_kubernetes_cluster_node_pool.gpu[0].priority == "Regular" &&
      azurerm_kubernetes_cluster_node_pool.gpu[0].node_taints == tolist(["nvidia.com/gpu=present:NoSchedule"]) &&
      azurerm_kubernetes_cluster_node_pool.gpu[0].node_labels == tomap({ "accelerator" = "nvidia" })
    )
    error_message = "The GPU pool is as asked for; what is not spot says nothing of spot."
  }
  assert {
    condition = (
      !azurerm_kubernetes_cluster.this.private_cluster_enabled &&
      azurerm_kubernetes_cluster.this.api_server_access_profile[0].authorized_ip_ranges == toset(["203.0.113.0/24", "203.0.113.10/32"])
    )
    error_message = "The API's address is open to these blocks and to the nodes' NAT, and to no others."
  }
  assert {
    condition     = length(azurerm_management_lock.holds) == 0
    error_message = "With deletion_protection = false, everything can be destroyed."
  }
  assert {
    condition     = azurerm_managed_redis.this.high_availability_enabled && azurerm_postgresql_flexible_server.this.high_availability[0].mode == "ZoneRedundant"
    error_message = "replicated means a standby of both."
  }
  assert {
    condition = (
      one(azurerm_logic_app_trigger_recurrence.state["sleep"].schedule[0].at_these_hours) == 19 &&
      one(azurerm_logic_app_trigger_recurrence.state["sleep"].schedule[0].at_these_minutes) == 5 &&
      one(azurerm_logic_app_trigger_recurrence.state["wake"].schedule[0].at_these_hours) == 6 &&
      azurerm_logic_app_trigger_recurrence.state["wake"].schedule[0].on_these_days == toset(["Monday", "Friday"])
    )
    error_message = "All stops ten minutes after pushes pause, and starts when it is time to wake."
  }
  assert {
    condition     = alltrue([for trigger in azurerm_logic_app_trigger_recurrence.state : trigger.time_zone == "W. Europe Standard Time"])
    error_message = "The times are those of the schedule's zone."
  }
  assert {
    condition = [for step in azurerm_logic_app_action_custom.state : jsondecode(step.body).inputs.uri if step.name == "cluster"] == [
      "https://management.azure.com/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.ContainerService/managedClusters/renga-dev/stop?api-version=2025-05-01",
      "https://management.azure.com/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.ContainerService/managedClusters/renga-dev/start?api-version=2025-05-01",
    ]
    error_message = "The workflows stop and start the cluster."
  }
  assert {
    condition     = length(azurerm_logic_app_action_custom.state) == 6
    error_message = "Cluster, database and gateway sleep and wake."
  }
  assert {
    condition = alltrue([for step in azurerm_logic_app_action_custom.state : (
      jsondecode(step.body).inputs.authentication.type == "ManagedServiceIdentity" && jsondecode(step.body).operationOptions == "DisableAsyncPattern"
    )])
    error_message = "They act as an identity, without a key, and ask for nothing that it may not read."
  }
  assert {
    condition = alltrue([for action in azurerm_role_definition.sleep[0].permissions[0].actions :
      endswith(action, "/read") || endswith(action, "/start/action") || endswith(action, "/stop/action")
    ])
    error_message = "That identity starts and stops, and nothing else."
  }
  assert {
    condition = (
      azurerm_consumption_budget_subscription.this[0].amount == 150 &&
      toset([for each in azurerm_consumption_budget_subscription.this[0].notification : "${each.threshold_type} ${each.threshold}"]) == toset(["Actual 50", "Forecasted 100"]) &&
      one(azurerm_consumption_budget_subscription.this[0].filter[0].dimension).values == tolist(["renga-dev", "renga-dev-nodes"])
    )
    error_message = "Mail is sent at half of the budget, and when the month is forecast to exceed it; nodes count."
  }
  assert {
    condition = alltrue([for name, each in azurerm_federated_identity_credential.gateway : (
      each.subject == "system:serviceaccount:functions:${name}" && each.issuer == output.oidc_issuer
    )]) && toset(keys(azurerm_federated_identity_credential.gateway)) == toset(["gateway", "platform-ledger", "schema-parse"])
    error_message = "The functions' service accounts have the identity, and no others."
  }
  assert {
    condition     = output.endpoint == "https://renga-dev-0a1b2c3d.hcp.westeurope.azmk8s.io:443"
    error_message = "The API is where Azure says."
  }
  assert {
    condition     = output.ca == "-----BEGIN CERTIFICATE-----\ncluster\n-----END CERTIFICATE-----\n"
    error_message = "The cluster's authority is PEM."
  }
  assert {
    condition     = output.stores.settings["azure-client-id"] == output.gateway_identity && startswith(output.stores.settings["blobs-url"], "abfss://blobs@rengadev")
    error_message = "Functions find their blobs, and who they are."
  }
  assert {
    condition     = length(azurerm_storage_account.blobs.name) <= 24 && can(regex("^[a-z0-9]{3,24}$", azurerm_storage_account.blobs.name))
    error_message = "A storage account's name has 3 to 24 letters and digits."
  }
  assert {
    condition = (
      output.gateway.service_annotations["service.beta.kubernetes.io/azure-load-balancer-internal"] == "true" &&
      output.gateway.service_annotations["service.beta.kubernetes.io/azure-load-balancer-ipv4"] == one(one(azurerm_application_gateway.this[0].backend_address_pool).ip_addresses)
    )
    error_message = "The gateway sends to the address that Kourier has."
  }
  assert {
    condition = (
      one(azurerm_application_gateway.this[0].http_listener).protocol == "Https" && one(azurerm_application_gateway.this[0].frontend_port).port == 443 &&
      one(azurerm_application_gateway.this[0].http_listener).host_names == toset(["*.functions.dev.example.org"])
    )
    error_message = "Functions are reached by https alone."
  }
  assert {
    condition     = output.dns_records == [{ name = "*.functions.dev.example.org.", type = "A", value = "203.0.113.10" }]
    error_message = "The zone needs the functions' address."
  }
  assert {
    condition     = [for part in output.sleeps : join(" ", slice(split(" ", part.stop), 0, 4))] == ["az network application-gateway stop", "az aks stop --subscription", "az postgres flexible-server stop"]
    error_message = "By hand, what is reached first stops first and starts last."
  }
  assert {
    condition     = nonsensitive(output.redis_url) == "rediss://6b6b6b6b-1111-4222-8333-444444444444@renga-dev-0a1b2c.westeurope.redis.azure.net:10000/0"
    error_message = "Redis is opened by TLS as the functions' identity, and its URL has no password."
  }
  assert {
    condition     = !strcontains(nonsensitive(output.postgres_url), ":@") && endswith(nonsensitive(output.postgres_url), "?sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt")
    error_message = "PostgreSQL is opened by TLS, and its URL has no password."
  }
}

run "the_longest_names" {
  command = plan
  variables {
    name = "abcdefghijkl"
    env  = "abcdefgh"
  }

  assert {
    condition     = length(azurerm_virtual_network.this.name) == 21 && length(azurerm_kubernetes_cluster.this.dns_prefix) <= 54
    error_message = "The longest names that the contract allows fit."
  }
}

run "a_cpu_pool_of_spot_nodes" {
  command = plan
  variables { cpu_pool = { spot = true } }
  expect_failures = [azurerm_kubernetes_cluster.this]
}

run "a_time_zone_that_workflows_do_not_know" {
  command = plan
  variables { sleep_schedule = { sleep = "19:00", wake = "07:00", time_zone = "Mars/Olympus" } }
  expect_failures = [azurerm_logic_app_trigger_recurrence.state]
}

run "a_certificate_of_one_version" {
  command = plan
  variables {
    gateway_domain = "dev.example.org"
    gateway_certificate = {
      key_vault_id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/certificates/providers/Microsoft.KeyVault/vaults/certificates"
      secret_id    = "https://certificates.vault.azure.net/secrets/functions/0123456789abcdef0123456789abcdef"
    }
  }
  expect_failures = [var.gateway_certificate]
}

# All that is wrong is said at once.
run "names_where_ids_are_asked_for_and_a_url_where_a_domain_is" {
  command = plan
  variables {
    subscription_id = "my-subscription"
    tenant_id       = "example.org"
    admin_group_id  = "admins"
    gateway_domain  = "https://example.org/"
  }
  expect_failures = [var.subscription_id, var.tenant_id, var.admin_group_id, var.gateway_domain]
}

run "a_domain_without_a_certificate_and_more_functions_than_an_identity_trusts" {
  command = plan
  variables {
    gateway_domain   = "dev.example.org"
    service_accounts = [for number in range(20) : "function-${number}"]
  }
  expect_failures = [var.gateway_certificate, var.service_accounts]
}
