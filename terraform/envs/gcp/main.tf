# Google Cloud: one root, one state, one `terraform apply`.

terraform {
  required_version = ">= 1.11, < 2.0"
  required_providers {
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

provider "google" {
  project = var.project_id
  region  = var.region
  # Budgets are asked for in a project's name.
  billing_project       = var.project_id
  user_project_override = true
}

# A token for each call, from the command line's own login: nothing to keep, and nothing that is wrong once the cluster is gone.
provider "helm" {
  kubernetes = {
    host = local.api
    exec = var.gone ? null : {
      api_version = "client.authentication.k8s.io/v1"
      command     = "gke-gcloud-auth-plugin"
    }
  }
}

# Images, and the key of the environment: they stay when it is gone.
module "registry" {
  source = "../../modules/artifact_registry"

  name           = var.name
  env            = var.env
  project_id     = var.project_id
  project_number = var.project_number
  region         = var.region
}

module "cluster" {
  source = "../../modules/gke"
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

  project_id         = var.project_id
  project_number     = var.project_number
  region             = var.region
  zone               = var.zone
  billing_account    = var.billing_account
  accelerator        = var.accelerator
  security_group     = var.security_group
  gateway_domain     = var.gateway_domain
  key_id             = module.registry.key_id
  repository         = module.registry.repository
  kubernetes_version = local.pins.kubernetes
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
  workload_pool  = one(module.cluster[*].workload_pool)
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
    proxy_image    = local.pins.images.cloud_sql_proxy
  }
  gateway_domain  = var.gateway_domain
  gateway         = module.cluster[0].gateway
  events          = one(module.events[*].events)
  callers         = var.callers
  stores          = module.cluster[0].stores
  redis_url       = module.cluster[0].redis_url
  postgres_url    = module.cluster[0].postgres_url
  metadata_server = true

  # What is installed goes before what it runs on.
  depends_on = [module.cluster]
}

# What an older state calls them.
moved {
  from = module.gke
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
  from = module.cluster[0].google_kms_key_ring.this
  to   = module.registry.google_kms_key_ring.this
}

moved {
  from = module.cluster[0].google_kms_crypto_key.this
  to   = module.registry.google_kms_crypto_key.this
}

moved {
  from = module.cluster[0].google_kms_crypto_key_iam_member.agent["gcp-sa-artifactregistry"]
  to   = module.registry.google_kms_crypto_key_iam_member.agent
}

moved {
  from = module.cluster[0].google_artifact_registry_repository.functions
  to   = module.registry.google_artifact_registry_repository.functions
}
