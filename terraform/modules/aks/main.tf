locals {
  prefix = "${var.name}-${var.env}"
  tags   = { app = var.name, env = var.env }

  # A storage account has letters and digits only.
  plain = replace(local.prefix, "-", "")
}

# Names of stores and databases are the whole world's: each life has names of its own.
resource "terraform_data" "suffix" {
  input = substr(uuid(), 0, 6)

  lifecycle {
    ignore_changes = [input]
  }
}

resource "azurerm_log_analytics_workspace" "this" {
  name                         = local.prefix
  location                     = var.resource_group.location
  resource_group_name          = var.resource_group.name
  sku                          = "PerGB2018"
  retention_in_days            = 30
  daily_quota_gb               = 1
  local_authentication_enabled = false
  tags                         = local.tags
}

# Azure's databases have no deletion protection of their own. A lock refuses whoever deletes one by hand; what refuses
# `terraform destroy`, which would take the locks away first, is in the root.
resource "azurerm_management_lock" "holds" {
  for_each = var.deletion_protection ? {
    cluster  = azurerm_kubernetes_cluster.this.id
    redis    = azurerm_managed_redis.this.id
    postgres = azurerm_postgresql_flexible_server.this.id
    blobs    = azurerm_storage_account.blobs.id
  } : {}

  name       = "${local.prefix}-${each.key}"
  scope      = each.value
  lock_level = "CanNotDelete"
  notes      = "deletion_protection of ${local.prefix}"
}
