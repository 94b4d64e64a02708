# Four identities, no keys: the cluster's control plane, its nodes, the functions, and who puts all to sleep (sleep.tf).

resource "azurerm_user_assigned_identity" "cluster" {
  name                = "${local.prefix}-cluster"
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  tags                = local.tags
}

resource "azurerm_user_assigned_identity" "kubelet" {
  name                = "${local.prefix}-kubelet"
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  tags                = local.tags
}

# The control plane puts nodes and Kourier's address into the network, and gives nodes their identity.
resource "azurerm_role_assignment" "network" {
  scope                = azurerm_virtual_network.this.id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "kubelet" {
  scope                = azurerm_user_assigned_identity.kubelet.id
  role_definition_name = "Managed Identity Operator"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "pull" {
  scope                = var.registry_id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.kubelet.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "admins" {
  scope                = azurerm_kubernetes_cluster.this.id
  role_definition_name = "Azure Kubernetes Service RBAC Cluster Admin"
  principal_id         = var.admin_group_id
  principal_type       = "Group"
}

# What functions are in Azure: they read and write blobs as this one, and it is the database's user.
resource "azurerm_user_assigned_identity" "gateway" {
  name                = "${local.prefix}-gateway"
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  tags                = local.tags
}

# A cluster that is made anew has another issuer, and these change with it.
resource "azurerm_federated_identity_credential" "gateway" {
  for_each = setunion(var.service_accounts, ["gateway"])

  name                      = each.key
  user_assigned_identity_id = azurerm_user_assigned_identity.gateway.id
  issuer                    = azurerm_kubernetes_cluster.this.oidc_issuer_url
  subject                   = "system:serviceaccount:${var.namespace}:${each.key}"
  audience                  = ["api://AzureADTokenExchange"]
}
