mock_provider "aws" {
  source = "../../mocks/aws"
}

mock_provider "google" {
  source = "../../mocks/google"
}

mock_provider "helm" {}

variables {
  env                 = "dev"
  account_id          = "123456789012"
  admins              = ["arn:aws:iam::123456789012:role/admin"]
  project_id          = "renga-dev-1"
  project_number      = "123456789012"
  gateway_domain      = "dev.example.org"
  certificate_arn     = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
  deletion_protection = false
}

run "pubsub" {
  command = plan

  assert {
    condition     = length(module.events) == 1 && slice(output.sleeps[*].part, 0, 2) == ["pushes", "Knative"]
    error_message = "Pub/Sub is the default broker; pushes pause before anything stops, and Knative is waited for before they resume."
  }
  assert {
    condition     = output.redis_url_ref == "functions/renga-stores#redis-url" && output.postgres_url_ref == "functions/renga-stores#postgres-url"
    error_message = "Functions find the stores' URLs where the contract says."
  }
  assert {
    condition     = output.dns_records[0].type == "CNAME"
    error_message = "The zone needs the load balancer's name."
  }
  assert {
    condition     = helm_release.autoscaler[0].version == local.pins.cluster_autoscaler.chart && yamldecode(helm_release.autoscaler[0].values[0]).rbac.serviceAccount.name == "cluster-autoscaler"
    error_message = "The autoscaler is pinned, and has the name that EKS gives its role to."
  }
  assert {
    condition     = contains(local.functions, "schema-parse") && contains(local.functions, "platform-ledger")
    error_message = "Who publishes and who is woken are functions."
  }
}

run "the_broker_of_the_cluster" {
  command = plan
  variables {
    broker          = "knative"
    gateway_domain  = null
    certificate_arn = null
    project_id      = null
    project_number  = null
  }

  assert {
    condition     = length(module.events) == 0
    error_message = "broker = \"knative\" leaves Pub/Sub out, and Google with it."
  }
}

run "topics_of_no_project_and_prod_that_asks_nobody_who_it_is" {
  command = plan
  variables {
    env                 = "prod"
    deletion_protection = true
    project_id          = null
    project_number      = null
  }
  expect_failures = [var.project_id, var.project_number, var.database_ca_file]
}

run "gone" {
  command = plan
  variables { gone = true }

  assert {
    condition     = length(module.cluster) == 0 && length(module.knative) == 0 && output.gone
    error_message = "Nothing runs."
  }
  assert {
    condition     = output.registry_url == "123456789012.dkr.ecr.eu-central-1.amazonaws.com/renga-dev" && length(module.events) == 1 && output.sleeps[*].part == ["pushes"]
    error_message = "Images and topics stay."
  }
  assert {
    condition     = length(helm_release.autoscaler) == 0
    error_message = "What is installed in the cluster goes with it."
  }
  assert {
    condition = (
      output.cluster_name == null && output.endpoint == null && output.oidc_issuer == null && output.redis_url_ref == null &&
      length(output.kubeconfig) == 0 && length(output.dns_records) == 0
    )
    error_message = "Nothing is said of a cluster."
  }
}

run "gone_while_it_is_protected" {
  command = plan
  variables {
    gone                = true
    deletion_protection = true
  }
  expect_failures = [var.gone]
}
