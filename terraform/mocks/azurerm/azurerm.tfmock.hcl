# What Azure would have said. A mocked provider still checks arguments with the provider's own code, so what one resource
# takes from another has its real form here.

mock_resource "azurerm_resource_group" {
  defaults = { id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev" }
}

mock_resource "azurerm_log_analytics_workspace" {
  defaults = { id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.OperationalInsights/workspaces/renga-dev" }
}

mock_resource "azurerm_virtual_network" {
  defaults = { id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.Network/virtualNetworks/renga-dev" }
}

mock_resource "azurerm_subnet" {
  defaults = { id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.Network/virtualNetworks/renga-dev/subnets/nodes" }
}

mock_resource "azurerm_network_security_group" {
  defaults = { id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.Network/networkSecurityGroups/renga-dev-nodes" }
}

mock_resource "azurerm_public_ip" {
  defaults = {
    id         = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.Network/publicIPAddresses/renga-dev-x"
    ip_address = "203.0.113.10"
  }
}

mock_resource "azurerm_nat_gateway" {
  defaults = { id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.Network/natGateways/renga-dev" }
}

mock_resource "azurerm_private_dns_zone" {
  defaults = { id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io" }
}

mock_resource "azurerm_private_endpoint" {
  defaults = { id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.Network/privateEndpoints/renga-dev-x" }
}

mock_resource "azurerm_application_gateway" {
  defaults = { id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.Network/applicationGateways/renga-dev" }
}

mock_resource "azurerm_user_assigned_identity" {
  defaults = {
    id           = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.ManagedIdentity/userAssignedIdentities/renga-dev-x"
    client_id    = "5a5a5a5a-1111-4222-8333-444444444444"
    principal_id = "6b6b6b6b-1111-4222-8333-444444444444"
    tenant_id    = "99999999-1111-4222-8333-444444444444"
  }
}

mock_resource "azurerm_role_definition" {
  defaults = {
    id                          = "/subscriptions/00000000-1111-4222-8333-444444444444/providers/Microsoft.Authorization/roleDefinitions/7c7c7c7c-1111-4222-8333-444444444444|/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev"
    role_definition_id          = "7c7c7c7c-1111-4222-8333-444444444444"
    role_definition_resource_id = "/subscriptions/00000000-1111-4222-8333-444444444444/providers/Microsoft.Authorization/roleDefinitions/7c7c7c7c-1111-4222-8333-444444444444"
  }
}

mock_resource "azurerm_kubernetes_cluster" {
  defaults = {
    id              = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.ContainerService/managedClusters/renga-dev"
    fqdn            = "renga-dev-0a1b2c3d.hcp.westeurope.azmk8s.io"
    private_fqdn    = "renga-dev-0a1b2c3d.8d8d8d8d-1111-4222-8333-444444444444.privatelink.westeurope.azmk8s.io"
    oidc_issuer_url = "https://westeurope.oic.prod-aks.azure.com/99999999-1111-4222-8333-444444444444/9e9e9e9e-1111-4222-8333-444444444444/"
    kube_config = [{
      host                   = "https://renga-dev-0a1b2c3d.hcp.westeurope.azmk8s.io:443"
      cluster_ca_certificate = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCmNsdXN0ZXIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="
      client_certificate     = ""
      client_key             = ""
      username               = ""
      password               = ""
    }]
  }
}

mock_resource "azurerm_container_registry" {
  defaults = {
    id           = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.ContainerRegistry/registries/rengadev0a1b2c"
    login_server = "rengadev0a1b2c.azurecr.io"
  }
}

mock_resource "azurerm_managed_redis" {
  defaults = {
    id       = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.Cache/redisEnterprise/renga-dev-0a1b2c"
    hostname = "renga-dev-0a1b2c.westeurope.redis.azure.net"
  }
}

mock_resource "azurerm_postgresql_flexible_server" {
  defaults = {
    id   = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.DBforPostgreSQL/flexibleServers/renga-dev-0a1b2c"
    fqdn = "renga-dev-0a1b2c.postgres.database.azure.com"
  }
}

mock_resource "azurerm_storage_account" {
  defaults = { id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.Storage/storageAccounts/rengadev0a1b" }
}

mock_resource "azurerm_storage_container" {
  defaults = { id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.Storage/storageAccounts/rengadev0a1b/blobServices/default/containers/blobs" }
}

mock_resource "azurerm_logic_app_workflow" {
  defaults = { id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/renga-dev/providers/Microsoft.Logic/workflows/renga-dev-x" }
}
