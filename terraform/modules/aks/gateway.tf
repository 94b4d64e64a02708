# An application gateway ends TLS with the certificate of the vault, and sends what is for functions to Kourier, whose load
# balancer has an address of the network, the same in every life.

locals {
  # A function's address is SERVICE.NAMESPACE.DOMAIN.
  host    = var.gateway_domain == null ? [] : ["${var.namespace}.${var.gateway_domain}"]
  kourier = cidrhost(local.subnets.kourier, 10)
}

resource "azurerm_public_ip" "gateway" {
  count = length(local.host)

  name                = "${local.prefix}-gateway"
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  allocation_method   = "Static"
  sku                 = "Standard"
  tags                = local.tags
}

resource "azurerm_user_assigned_identity" "certificate" {
  count = length(local.host)

  name                = "${local.prefix}-certificate"
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  tags                = local.tags
}

resource "azurerm_role_assignment" "certificate" {
  count = length(local.host)

  scope                = var.gateway_certificate.key_vault_id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.certificate[0].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_application_gateway" "this" {
  # checkov:skip=CKV_AZURE_120: its firewall would take the SQL that functions are sent for an attack; they check what they are sent themselves.
  count = length(local.host)

  name                = local.prefix
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  http2_enabled       = true
  tags                = local.tags

  sku {
    name = "Standard_v2"
    tier = "Standard_v2"
  }

  autoscale_configuration {
    min_capacity = 0
    max_capacity = 2
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.certificate[0].id]
  }

  ssl_policy {
    policy_type = "Predefined"
    policy_name = "AppGwSslPolicy20220101S"
  }

  ssl_certificate {
    name                = "functions"
    key_vault_secret_id = var.gateway_certificate.secret_id
  }

  gateway_ip_configuration {
    name      = "gateway"
    subnet_id = azurerm_subnet.this["gateway"].id
  }

  frontend_ip_configuration {
    name                 = "public"
    public_ip_address_id = azurerm_public_ip.gateway[0].id
  }

  frontend_port {
    name = "https"
    port = 443
  }

  http_listener {
    name                           = "functions"
    frontend_ip_configuration_name = "public"
    frontend_port_name             = "https"
    protocol                       = "Https"
    host_names                     = ["*.${local.host[0]}"]
    ssl_certificate_name           = "functions"
  }

  backend_address_pool {
    name         = "kourier"
    ip_addresses = [local.kourier]
  }

  backend_http_settings {
    name                  = "kourier"
    port                  = 80
    protocol              = "Http"
    cookie_based_affinity = "Disabled"
    probe_name            = "kourier"
    # As long as a function may take.
    request_timeout = 600
  }

  # Kourier answers 404 to who names no function, which is no sign that it is ill.
  probe {
    name                = "kourier"
    protocol            = "Http"
    host                = "health.invalid"
    path                = "/"
    interval            = 30
    timeout             = 10
    unhealthy_threshold = 3

    match {
      status_code = ["200-404"]
    }
  }

  request_routing_rule {
    name                       = "functions"
    priority                   = 100
    rule_type                  = "Basic"
    http_listener_name         = "functions"
    backend_address_pool_name  = "kourier"
    backend_http_settings_name = "kourier"
  }

  depends_on = [azurerm_role_assignment.certificate, azurerm_subnet_network_security_group_association.this]
}
