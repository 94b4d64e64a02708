output "registry_url" {
  description = "What an image's name begins with."
  value       = azurerm_container_registry.functions.login_server
}

output "registry_id" {
  description = "The registry: `modules/aks` lets nodes pull from it, and gives it an address in the network."
  value       = azurerm_container_registry.functions.id
}

output "resource_group" {
  description = "What `modules/aks` takes as `resource_group`."
  value = {
    id       = azurerm_resource_group.this.id
    name     = azurerm_resource_group.this.name
    location = azurerm_resource_group.this.location
  }
}
