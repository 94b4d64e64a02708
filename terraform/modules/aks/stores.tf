locals {
  # The tier's sizes.
  tiers = {
    single     = { redis = "Balanced_B0", standby = false, database = "B_Standard_B1ms", storage = "ZRS" }
    replicated = { redis = "Balanced_B5", standby = true, database = "GP_Standard_D2ds_v5", storage = "GZRS" }
  }
  tier = local.tiers[var.data_tier]
}

resource "azurerm_managed_redis" "this" {
  name                      = "${local.prefix}-${terraform_data.suffix.output}"
  location                  = var.resource_group.location
  resource_group_name       = var.resource_group.name
  sku_name                  = local.tier.redis
  high_availability_enabled = local.tier.standby
  public_network_access     = "Disabled"
  tags                      = local.tags

  default_database {
    client_protocol = "Encrypted"
    # One address for clients that know of no cluster.
    clustering_policy = "EnterpriseCluster"
    eviction_policy   = "NoEviction"
    # Nobody has a password: a token of Entra's is one.
    access_keys_authentication_enabled = false
  }
}

resource "azurerm_managed_redis_access_policy_assignment" "gateway" {
  managed_redis_id = azurerm_managed_redis.this.id
  object_id        = azurerm_user_assigned_identity.gateway.principal_id
}

resource "azurerm_postgresql_flexible_server" "this" {
  # checkov:skip=CKV_AZURE_136: its backups are in its own region, where the environment is.
  # checkov:skip=CKV2_AZURE_57: it is in a subnet of the network, which a private endpoint would only imitate.
  name                          = "${local.prefix}-${terraform_data.suffix.output}"
  location                      = var.resource_group.location
  resource_group_name           = var.resource_group.name
  version                       = "16"
  sku_name                      = local.tier.database
  storage_mb                    = 32768
  backup_retention_days         = 7
  geo_redundant_backup_enabled  = false
  public_network_access_enabled = false
  delegated_subnet_id           = azurerm_subnet.this["postgres"].id
  private_dns_zone_id           = azurerm_private_dns_zone.this["postgres"].id
  tags                          = local.tags

  # Nobody has a password: a token of Entra's is one.
  authentication {
    active_directory_auth_enabled = true
    password_auth_enabled         = false
    tenant_id                     = var.tenant_id
  }

  dynamic "high_availability" {
    for_each = local.tier.standby ? ["ZoneRedundant"] : []
    content {
      mode = high_availability.value
    }
  }

  lifecycle {
    # Azure chooses the zone, and changes places with the standby.
    ignore_changes = [zone, high_availability[0].standby_availability_zone]
  }

  depends_on = [azurerm_private_dns_zone_virtual_network_link.this, azurerm_subnet_network_security_group_association.this]
}

# It makes its tables itself.
resource "azurerm_postgresql_flexible_server_active_directory_administrator" "gateway" {
  server_name         = azurerm_postgresql_flexible_server.this.name
  resource_group_name = var.resource_group.name
  tenant_id           = var.tenant_id
  object_id           = azurerm_user_assigned_identity.gateway.principal_id
  principal_name      = azurerm_user_assigned_identity.gateway.name
  principal_type      = "ServicePrincipal"
}

resource "azurerm_postgresql_flexible_server_database" "renga" {
  name      = "renga"
  server_id = azurerm_postgresql_flexible_server.this.id
  charset   = "UTF8"
  collation = "en_US.utf8"
}

# What is too large to travel with its event.
resource "azurerm_storage_account" "blobs" {
  # checkov:skip=CKV_AZURE_33: there are no queues in it.
  # checkov:skip=CKV2_AZURE_1: Azure's own key encrypts it: one of ours needs a vault that Terraform reaches, and nothing else here does.
  # checkov:skip=CKV_AZURE_206: what holds in another region is for data_tier = "replicated"; a blob is gone with its event.
  name                              = "${local.plain}${substr(terraform_data.suffix.output, 0, 4)}"
  location                          = var.resource_group.location
  resource_group_name               = var.resource_group.name
  account_tier                      = "Standard"
  account_kind                      = "StorageV2"
  account_replication_type          = local.tier.storage
  is_hns_enabled                    = true
  min_tls_version                   = "TLS1_2"
  https_traffic_only_enabled        = true
  infrastructure_encryption_enabled = true
  # Keys exist, and open nothing: who reads and writes is somebody of Entra.
  shared_access_key_enabled        = false
  local_user_enabled               = false
  default_to_oauth_authentication  = true
  allow_nested_items_to_be_public  = false
  cross_tenant_replication_enabled = false
  public_network_access_enabled    = false
  tags                             = local.tags

  network_rules {
    default_action = "Deny"
    bypass         = ["AzureServices"]
  }

  sas_policy {
    expiration_period = "00.01:00:00"
  }

  blob_properties {
    delete_retention_policy {
      days = 7
    }
    container_delete_retention_policy {
      days = 7
    }
  }
}

resource "azurerm_storage_container" "blobs" {
  # checkov:skip=CKV2_AZURE_21: blobs are gone with their events; a log of each access would be a container more to guard.
  name                  = "blobs"
  storage_account_id    = azurerm_storage_account.blobs.id
  container_access_type = "private"
}

resource "azurerm_role_assignment" "blobs" {
  scope                = azurerm_storage_container.blobs.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.gateway.principal_id
  principal_type       = "ServicePrincipal"
}
