locals {
  prefix = "${var.name}-${var.env}"
  tags   = { app = var.name, env = var.env }
}

# A registry's name is the whole world's: each life has one of its own.
resource "terraform_data" "suffix" {
  input = substr(uuid(), 0, 6)

  lifecycle {
    ignore_changes = [input]
  }
}

# Of the environment: all that is in it but the nodes, for which AKS makes a group.
resource "azurerm_resource_group" "this" {
  name     = local.prefix
  location = var.location
  tags     = local.tags
}

resource "azurerm_container_registry" "functions" {
  # checkov:skip=CKV_AZURE_164: Azure retired its content trust; overlays name images by their digest.
  # checkov:skip=CKV_AZURE_165: one region: an environment is in one, and its images with it.
  # checkov:skip=CKV_AZURE_166: nobody pulls an image from quarantine until a scanner releases it, and there is none that would.
  name                          = "${replace(local.prefix, "-", "")}${terraform_data.suffix.output}"
  location                      = azurerm_resource_group.this.location
  resource_group_name           = azurerm_resource_group.this.name
  sku                           = "Premium"
  admin_enabled                 = false
  anonymous_pull_enabled        = false
  data_endpoint_enabled         = true
  zone_redundancy_enabled       = true
  retention_policy_in_days      = 14
  tags                          = local.tags
  public_network_access_enabled = length(var.public_endpoint_cidrs) > 0

  # Whoever may reach the Kubernetes API from outside may push images from there.
  network_rule_set = length(var.public_endpoint_cidrs) == 0 ? null : [{
    default_action = "Deny"
    ip_rule        = [for cidr in var.public_endpoint_cidrs : { action = "Allow", ip_range = cidr }]
  }]

  lifecycle {
    # One that was made with the cluster has the cluster's suffix.
    ignore_changes = [name]
  }
}
