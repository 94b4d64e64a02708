mock_provider "azurerm" {
  source = "../../mocks/azurerm"
}

mock_provider "google" {
  source = "../../mocks/google"
}

mock_provider "helm" {}

variables {
  env                 = "dev"
  subscription_id     = "00000000-1111-4222-8333-444444444444"
  tenant_id           = "99999999-1111-4222-8333-444444444444"
  admin_group_id      = "abababab-1111-4222-8333-444444444444"
  project_id          = "renga-dev-1"
  project_number      = "123456789012"
  gateway_domain      = "dev.example.org"
  deletion_protection = false
  gateway_certificate = {
    key_vault_id = "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/certificates/providers/Microsoft.KeyVault/vaults/certificates"
    secret_id    = "https://certificates.vault.azure.net/secrets/functions"
  }
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
}

run "the_broker_of_the_cluster" {
  command = plan
  variables {
    broker              = "knative"
    gateway_domain      = null
    gateway_certificate = null
    project_id          = null
    project_number      = null
  }

  assert {
    condition     = length(module.events) == 0
    error_message = "broker = \"knative\" leaves Pub/Sub out, and asks for nothing of Google's."
  }
}

run "pubsub_of_no_project" {
  command = plan
  variables {
    project_id     = null
    project_number = null
  }
  expect_failures = [var.project_id, var.project_number]
}

run "gone" {
  command = plan
  variables { gone = true }

  assert {
    condition     = length(module.cluster) == 0 && length(module.knative) == 0 && output.gone
    error_message = "Nothing runs."
  }
  assert {
    condition     = length(module.events) == 1 && output.sleeps[*].part == ["pushes"]
    error_message = "Topics stay."
  }
  assert {
    condition     = terraform_data.protection.triggers_replace == "gone"
    error_message = "Who goes is asked what destroys are asked: whether what was applied is protected."
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
