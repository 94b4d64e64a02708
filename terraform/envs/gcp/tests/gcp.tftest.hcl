mock_provider "google" {
  source = "../../mocks/google"
}

mock_provider "helm" {}

variables {
  env                 = "dev"
  project_id          = "renga-dev-1"
  project_number      = "123456789012"
  gateway_domain      = "dev.example.org"
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
    condition     = output.ca == null
    error_message = "The public trusts the endpoint's certificate."
  }
}

run "the_broker_of_the_cluster" {
  command = plan
  variables {
    broker         = "knative"
    gateway_domain = null
  }

  assert {
    condition     = length(module.events) == 0
    error_message = "broker = \"knative\" leaves Pub/Sub out."
  }
}

run "gone" {
  command = plan
  variables { gone = true }

  assert {
    condition     = length(module.cluster) == 0 && length(module.knative) == 0 && output.gone
    error_message = "Nothing runs."
  }
  assert {
    condition     = output.registry_url == "europe-west4-docker.pkg.dev/renga-dev-1/renga-dev" && length(module.events) == 1 && output.sleeps[*].part == ["pushes"]
    error_message = "Images and topics stay."
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
