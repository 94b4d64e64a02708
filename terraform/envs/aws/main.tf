# AWS: one root, one state, one `terraform apply`. Pub/Sub is in a Google project, which trusts this cluster's issuer.

terraform {
  required_version = ">= 1.11, < 2.0"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
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

  functions = toset(concat(local.table.publishers[*].service, local.table.subscriptions[*].service, local.table.services))
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]
}

# Where Pub/Sub is left out there is nothing to log in for.
provider "google" {
  project               = var.project_id
  region                = var.google_region
  billing_project       = var.project_id
  user_project_override = var.broker == "pubsub"
  access_token          = var.broker == "pubsub" ? null : "none"
}

# A token for each call, from the command line's own login: nothing to keep, and nothing that is wrong once the cluster is gone.
provider "helm" {
  kubernetes = {
    host                   = local.api
    cluster_ca_certificate = one(module.cluster[*].ca)
    exec = var.gone ? null : {
      api_version = "client.authentication.k8s.io/v1"
      command     = "aws"
      args        = ["eks", "get-token", "--region", var.region, "--cluster-name", one(module.cluster[*].cluster_name)]
    }
  }
}

# Images, and the key of the environment: they stay when it is gone.
module "registry" {
  source = "../../modules/ecr"

  name                = var.name
  env                 = var.env
  deletion_protection = var.deletion_protection
  account_id          = var.account_id
  region              = var.region
  functions           = local.functions
}

module "cluster" {
  source = "../../modules/eks"
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

  account_id         = var.account_id
  region             = var.region
  zones              = var.zones
  admins             = var.admins
  functions          = local.functions
  gpu_machines       = var.gpu_machines
  gateway_domain     = var.gateway_domain
  certificate_arn    = var.certificate_arn
  database_ca        = var.database_ca_file == null ? null : file(var.database_ca_file)
  key_arn            = module.registry.key_arn
  kubernetes_version = local.pins.kubernetes
}

module "events" {
  source = "../../modules/events"
  count  = var.broker == "pubsub" ? 1 : 0

  name           = "${var.name}-${var.env}"
  project_id     = var.project_id
  project_number = var.project_number
  region         = var.google_region
  table          = local.table
  gateway_domain = var.gateway_domain
  federation     = { cluster = "eks", issuer_uri = one(module.cluster[*].oidc_issuer) }
  sleep_schedule = var.sleep_schedule
  gone           = var.gone
}

# Adds a node when a pod finds none, of the GPU pool too, and takes away those that nothing needs.
resource "helm_release" "autoscaler" {
  count = var.gone ? 0 : 1

  name       = "cluster-autoscaler"
  namespace  = "kube-system"
  repository = var.autoscaler_repository
  chart      = "cluster-autoscaler"
  version    = local.pins.cluster_autoscaler.chart
  atomic     = true
  timeout    = 600

  values = [yamlencode({
    awsRegion     = var.region
    autoDiscovery = { clusterName = module.cluster[0].cluster_name }
    rbac          = { serviceAccount = { name = "cluster-autoscaler" } }
    extraArgs = {
      "balance-similar-node-groups"   = true
      "expander"                      = "least-waste"
      "scale-down-unneeded-time"      = "5m"
      "skip-nodes-with-local-storage" = false
      "skip-nodes-with-system-pods"   = false
    }
  })]

  depends_on = [module.cluster]
}

module "knative" {
  source = "../../modules/knative"
  count  = var.gone ? 0 : 1

  versions = {
    operator_chart = local.pins.knative.operator_chart
    serving        = local.pins.knative.serving
    eventing       = local.pins.knative.eventing
    kubectl_image  = local.pins.images.kubectl
  }
  gateway_domain = var.gateway_domain
  gateway        = module.cluster[0].gateway
  events         = one(module.events[*].events)
  callers        = var.callers
  stores         = module.cluster[0].stores
  redis_url      = module.cluster[0].redis_url
  postgres_url   = module.cluster[0].postgres_url

  # What is installed goes before what it runs on, and finds nodes as long as it is there.
  depends_on = [module.cluster, helm_release.autoscaler]
}

# What an older state calls them.
moved {
  from = module.eks
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
  from = module.cluster[0].aws_kms_key.this
  to   = module.registry.aws_kms_key.this
}

moved {
  from = module.cluster[0].aws_kms_alias.this
  to   = module.registry.aws_kms_alias.this
}

moved {
  from = module.cluster[0].aws_ecr_repository.function
  to   = module.registry.aws_ecr_repository.function
}

moved {
  from = module.cluster[0].aws_ecr_lifecycle_policy.function
  to   = module.registry.aws_ecr_lifecycle_policy.function
}
