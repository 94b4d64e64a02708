resource "azurerm_kubernetes_cluster" "refused_for_an_address_for_everybody" {
  name                    = "c"
  private_cluster_enabled = false
}

resource "azurerm_kubernetes_cluster" "refused_for_the_address_that_it_has_by_default" {
  name = "c"
}

resource "azurerm_kubernetes_cluster" "taken_with_an_address_for_an_office" {
  name                    = "c"
  private_cluster_enabled = false

  api_server_access_profile {
    authorized_ip_ranges = ["203.0.113.0/24"]
  }
}

resource "azurerm_kubernetes_cluster" "taken_without_an_address" {
  name                    = "c"
  private_cluster_enabled = true
}
