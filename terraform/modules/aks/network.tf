# One network: nodes, the gateway in front of Kourier, Kourier's own address, private endpoints of the stores, PostgreSQL.
# Pods have addresses of an overlay (10.244.0.0/16), Services 10.0.0.0/16; neither is the network's.

locals {
  subnets = {
    nodes     = "10.20.0.0/20"
    gateway   = "10.20.16.0/24"
    kourier   = "10.20.17.0/28"
    endpoints = "10.20.18.0/24"
    postgres  = "10.20.19.0/24"
  }

  # Who may open a connection to what is in a subnet; Azure's own rules let the rest of the network and its load balancers
  # in, and nobody else.
  doors = {
    nodes   = []
    kourier = []
    # Azure keeps an application gateway by these ports and refuses to make one that it cannot reach.
    gateway = [
      { name = "https", priority = 100, source = "Internet", ports = "443", access = "Allow" },
      { name = "azure", priority = 110, source = "GatewayManager", ports = "65200-65535", access = "Allow" },
    ]
    endpoints = [
      { name = "nodes", priority = 100, source = local.subnets.nodes, ports = "*", access = "Allow" },
      # Who pushes images from within the network, or from one that is peered with it.
      { name = "https", priority = 110, source = "VirtualNetwork", ports = "443", access = "Allow" },
      { name = "others", priority = 4000, source = "*", ports = "*", access = "Deny" },
    ]
    postgres = [
      { name = "nodes", priority = 100, source = local.subnets.nodes, ports = "5432", access = "Allow" },
      { name = "itself", priority = 110, source = local.subnets.postgres, ports = "*", access = "Allow" },
      { name = "others", priority = 4000, source = "*", ports = "*", access = "Deny" },
    ]
  }
}

resource "azurerm_virtual_network" "this" {
  name                = local.prefix
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  address_space       = ["10.20.0.0/16"]
  tags                = local.tags
}

resource "azurerm_subnet" "this" {
  for_each = local.subnets

  name                              = each.key
  resource_group_name               = var.resource_group.name
  virtual_network_name              = azurerm_virtual_network.this.name
  address_prefixes                  = [each.value]
  private_endpoint_network_policies = "Enabled"
  # What Azure runs for us in a subnet finds its own way out; ours has the NAT, or none.
  default_outbound_access_enabled = contains(["gateway", "postgres"], each.key)

  dynamic "delegation" {
    for_each = each.key == "postgres" ? ["Microsoft.DBforPostgreSQL/flexibleServers"] : []
    content {
      name = "postgres"
      service_delegation {
        name    = delegation.value
        actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
      }
    }
  }
}

resource "azurerm_network_security_group" "this" {
  for_each = local.doors

  name                = "${local.prefix}-${each.key}"
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  tags                = local.tags

  dynamic "security_rule" {
    for_each = each.value
    content {
      name                       = security_rule.value.name
      priority                   = security_rule.value.priority
      direction                  = "Inbound"
      access                     = security_rule.value.access
      protocol                   = "Tcp"
      source_address_prefix      = security_rule.value.source
      source_port_range          = "*"
      destination_address_prefix = "*"
      destination_port_range     = security_rule.value.ports
    }
  }
}

resource "azurerm_subnet_network_security_group_association" "this" {
  for_each = local.subnets

  subnet_id                 = azurerm_subnet.this[each.key].id
  network_security_group_id = azurerm_network_security_group.this[each.key].id
}

# Nodes have no public address; what they fetch from outside goes through here.
resource "azurerm_public_ip" "nat" {
  name                = "${local.prefix}-nat"
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  allocation_method   = "Static"
  sku                 = "Standard"
  tags                = local.tags
}

resource "azurerm_nat_gateway" "this" {
  name                = local.prefix
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  sku_name            = "Standard"
  tags                = local.tags
}

resource "azurerm_nat_gateway_public_ip_association" "this" {
  nat_gateway_id       = azurerm_nat_gateway.this.id
  public_ip_address_id = azurerm_public_ip.nat.id
}

resource "azurerm_subnet_nat_gateway_association" "nodes" {
  subnet_id      = azurerm_subnet.this["nodes"].id
  nat_gateway_id = azurerm_nat_gateway.this.id

  depends_on = [azurerm_nat_gateway_public_ip_association.this]
}

# What has no public address is found by its usual name, which these zones answer for within the network.
locals {
  zones = {
    redis    = "privatelink.redis.azure.net"
    registry = "privatelink.azurecr.io"
    blob     = "privatelink.blob.core.windows.net"
    dfs      = "privatelink.dfs.core.windows.net"
    postgres = "${local.prefix}.private.postgres.database.azure.com"
  }

  endpoints = {
    redis    = { of = azurerm_managed_redis.this.id, part = "redisEnterprise" }
    registry = { of = var.registry_id, part = "registry" }
    blob     = { of = azurerm_storage_account.blobs.id, part = "blob" }
    dfs      = { of = azurerm_storage_account.blobs.id, part = "dfs" }
  }
}

resource "azurerm_private_dns_zone" "this" {
  for_each = local.zones

  name                = each.value
  resource_group_name = var.resource_group.name
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "this" {
  for_each = local.zones

  name                = each.key
  private_dns_zone_id = azurerm_private_dns_zone.this[each.key].id
  virtual_network_id  = azurerm_virtual_network.this.id
  tags                = local.tags
}

resource "azurerm_private_endpoint" "this" {
  for_each = local.endpoints

  name                = "${local.prefix}-${each.key}"
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  subnet_id           = azurerm_subnet.this["endpoints"].id
  tags                = local.tags

  private_service_connection {
    name                           = each.key
    private_connection_resource_id = each.value.of
    subresource_names              = [each.value.part]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = each.key
    private_dns_zone_ids = [azurerm_private_dns_zone.this[each.key].id]
  }
}
