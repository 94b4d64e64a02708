# Azure: one root, one state, one `terraform apply`. Pub/Sub is Google's on every cloud.

terraform {
  required_version = ">= 1.11, < 2.0"
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.2"
    }
    google = {
      source  = "hashicorp/google"
      version = "~> 7.45"
    }
    helm = {
      source  = "hashicorp/helm"
      version = "~> 3.1"
    }
  }
}

locals {
  pins  = jsondecode(file("${path.module}/../../pins.json"))
  table = jsondecode(file("${path.module}/../../../events/pubsub.json"))

  # What Knative is taken away by has to be there: gone before it, Terraform asks nobody, and says why.
  api = var.gone ? "https://destroy-module.knative.before.its.cluster.is.gone.invalid" : one(module.cluster[*].endpoint)
}

provider "azurerm" {
  subscription_id     = var.subscription_id
  tenant_id           = var.tenant_id
  storage_use_azuread = true

  features {
    resource_group {
      prevent_deletion_if_contains_resources = true
    }
    # The account has no public address, so that Terraform keeps to what Azure's own API says of it.
    storage {
      data_plane_available = false
    }
  }
}

# With broker = "knative" it makes nothing and asks nobody.
provider "google" {
  project               = var.project_id
  region                = var.region
  billing_project       = var.project_id
  user_project_override = true
}

# A token for each call, from the command line's own login: nothing to keep, and nothing that is wrong once the cluster is
# gone. The id is that of AKS in every tenant.
provider "helm" {
  kubernetes = {
    host                   = local.api
    cluster_ca_certificate = one(module.cluster[*].ca)
    exec = var.gone ? null : {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = "kubelogin"
      args        = ["get-token", "--login", "azurecli", "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630"]
    }
  }
}

# Images, in the resource group of the environment: they stay when it is gone.
module "registry" {
  source = "../../modules/acr"

  name                  = var.name
  env                   = var.env
  location              = var.location
  public_endpoint_cidrs = var.public_endpoint_cidrs
}

module "cluster" {
  source = "../../modules/aks"
  count  = var.gone ? 0 : 1

  name                  = var.name
  env                   = var.env
  cpu_pool              = var.cpu_pool
  gpu_pool              = var.gpu_pool
  allow_idle_gpu        = var.allow_idle_gpu
  gpu_nodes_limit       = var.gpu_nodes_limit
  data_tier             = var.data_tier
  deletion_protection   = var.deletion_protection
  public_endpoint_cidrs = var.public_endpoint_cidrs
  monthly_budget_usd    = var.monthly_budget_usd
  alert_email           = var.alert_email
  sleep_schedule        = var.sleep_schedule

  subscription_id     = var.subscription_id
  tenant_id           = var.tenant_id
  admin_group_id      = var.admin_group_id
  resource_group      = module.registry.resource_group
  registry_id         = module.registry.registry_id
  service_accounts    = concat(local.table.subscriptions[*].service, local.table.publishers[*].service, local.table.services)
  gateway_domain      = var.gateway_domain
  gateway_certificate = var.gateway_certificate
  kubernetes_version  = local.pins.kubernetes
}

module "events" {
  source = "../../modules/events"
  count  = var.broker == "pubsub" ? 1 : 0

  name           = "${var.name}-${var.env}"
  project_id     = var.project_id
  project_number = var.project_number
  region         = var.region
  table          = local.table
  gateway_domain = var.gateway_domain
  federation     = { cluster = "aks", issuer_uri = one(module.cluster[*].oidc_issuer) }
  sleep_schedule = var.sleep_schedule
  gone           = var.gone
}

module "knative" {
  source = "../../modules/knative"
  count  = var.gone ? 0 : 1

  versions = {
    operator_chart = local.pins.knative.operator_chart
    serving        = local.pins.knative.serving
    eventing       = local.pins.knative.eventing
    kubectl_image  = local.pins.images.kubectl

    device_plugin_image = var.gpu_pool.max > 0 ? local.pins.images.nvidia_device_plugin : null
  }
  gateway_domain = var.gateway_domain
  gateway        = module.cluster[0].gateway
  events         = one(module.events[*].events)
  callers        = var.callers
  stores         = module.cluster[0].stores
  redis_url      = module.cluster[0].redis_url
  postgres_url   = module.cluster[0].postgres_url

  # What is installed goes before what it runs on.
  depends_on = [module.cluster]
}

# Azure's locks are resources of this state, and `terraform destroy` would begin with them. This is destroyed before anything
# else and refuses, so that nothing is half gone: set deletion_protection = false and apply that first.
resource "terraform_data" "protection" {
  input = var.deletion_protection
  # What stops running is as good as destroyed: it asks this first, too.
  triggers_replace = var.gone ? "gone" : null

  provisioner "local-exec" {
    when    = destroy
    command = self.output ? "echo deletion_protection is on: apply it as false before you destroy && exit 1" : "exit 0"
  }

  depends_on = [module.registry, module.cluster, module.events, module.knative]
}

# What an older state calls them.
moved {
  from = module.aks
  to   = module.cluster
}

moved {
  from = module.cluster
  to   = module.cluster[0]
}

moved {
  from = module.knative
  to   = module.knative[0]
}

moved {
  from = module.cluster[0].azurerm_resource_group.this
  to   = module.registry.azurerm_resource_group.this
}

moved {
  from = module.cluster[0].azurerm_container_registry.functions
  to   = module.registry.azurerm_container_registry.functions
}
