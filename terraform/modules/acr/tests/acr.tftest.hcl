mock_provider "azurerm" {
  source = "../../mocks/azurerm"
}

variables {
  name                  = "renga"
  env                   = "dev"
  location              = "westeurope"
  public_endpoint_cidrs = []
}

run "private" {
  command = apply

  assert {
    condition     = output.registry_url == "rengadev0a1b2c.azurecr.io"
    error_message = "Images are pushed below the registry's URL."
  }
  assert {
    condition     = can(regex("^rengadev[0-9a-f]{6}$", azurerm_container_registry.functions.name))
    error_message = "A registry's name has letters and digits only, and is its own."
  }
  assert {
    condition = !anytrue([
      azurerm_container_registry.functions.public_network_access_enabled, azurerm_container_registry.functions.admin_enabled,
      azurerm_container_registry.functions.anonymous_pull_enabled,
    ])
    error_message = "It has a private address, and neither a password nor guests."
  }
  assert {
    condition     = output.resource_group.name == "renga-dev" && output.resource_group.location == "westeurope"
    error_message = "All of the environment is in its group."
  }
}

run "reached_by_whom_is_named" {
  command = plan
  variables { public_endpoint_cidrs = ["203.0.113.0/24"] }

  assert {
    condition = (
      azurerm_container_registry.functions.public_network_access_enabled &&
      azurerm_container_registry.functions.network_rule_set[0].default_action == "Deny" &&
      azurerm_container_registry.functions.network_rule_set[0].ip_rule[*].ip_range == tolist(["203.0.113.0/24"])
    )
    error_message = "Images are pushed from these blocks, and from no others."
  }
}

run "a_region_by_its_long_name" {
  command = plan
  variables { location = "West Europe" }
  expect_failures = [var.location]
}
