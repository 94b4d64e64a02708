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
    condition     = length(module.events) == 1 && length(output.sleep) == 2 && length(output.wake) == 2
    error_message = "Pub/Sub is the default broker, and pushes pause while the cluster sleeps."
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

run "pubsub_that_cannot_push" {
  command = plan
  variables { gateway_domain = null }
  expect_failures = [var.gateway_domain]
}

run "a_broker_that_is_none" {
  command = plan
  variables { broker = "kafka" }
  expect_failures = [var.broker]
}
