resource "azurerm_kubernetes_cluster_node_pool" "refused_for_an_idle_gpu" {
  name                 = "gpu"
  vm_size              = "Standard_NC4as_T4_v3"
  auto_scaling_enabled = true
  min_count            = 1
  max_count            = 2
}

resource "azurerm_kubernetes_cluster_node_pool" "refused_for_a_thousand_gpus" {
  name                 = "gpu"
  vm_size              = "Standard_NC4as_T4_v3"
  auto_scaling_enabled = true
  min_count            = 0
  max_count            = 1000
}

resource "azurerm_kubernetes_cluster_node_pool" "refused_for_a_size_of_its_own" {
  name       = "gpu"
  vm_size    = "Standard_NC4as_T4_v3"
  node_count = 1
}

resource "azurerm_kubernetes_cluster_node_pool" "taken" {
  name                 = "gpu"
  vm_size              = "Standard_NC4as_T4_v3"
  auto_scaling_enabled = true
  min_count            = 0
  max_count            = 8
}

resource "azurerm_kubernetes_cluster_node_pool" "taken_without_a_gpu" {
  name                 = "cpu"
  vm_size              = "Standard_D4ds_v5"
  auto_scaling_enabled = true
  min_count            = 1
  max_count            = 20
}
