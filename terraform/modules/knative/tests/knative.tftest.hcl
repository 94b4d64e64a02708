mock_provider "helm" {}

variables {
  versions     = { operator_chart = "v1.22.3", serving = "1.22", eventing = "1.22", kubectl_image = "registry.k8s.io/kubectl:v1.34.1" }
  redis_url    = "rediss://10.20.0.4:6378/0"
  postgres_url = "postgresql://renga@10.20.16.3:5432/renga"
}

run "pinned_and_in_order" {
  command = plan

  assert {
    condition     = helm_release.operator.version == "v1.22.3" && helm_release.operator.repository == "https://knative.github.io/operator"
    error_message = "The operator's chart is pinned."
  }
  assert {
    condition     = yamldecode(helm_release.knative.values[0]).versions == { serving = "1.22", eventing = "1.22", kubectl = "registry.k8s.io/kubectl:v1.34.1" }
    error_message = "Serving and Eventing are pinned."
  }
  assert {
    condition     = helm_release.knative.wait && helm_release.knative.atomic
    error_message = "Uninstalling waits until the operator has taken Knative down."
  }
}

run "secrets_are_no_values" {
  command = plan

  assert {
    condition     = !strcontains(helm_release.knative.values[0], "10.20.0.4") && !strcontains(helm_release.knative.values[0], "10.20.16.3")
    error_message = "The stores' URLs are sensitive arguments, which no plan shows."
  }
  assert {
    condition     = nonsensitive(helm_release.knative.set_sensitive[*].name) == tolist(["stores.redisUrl", "stores.postgresUrl"])
    error_message = "Both URLs go to the chart."
  }
}

run "the_broker_of_the_cluster" {
  command = plan

  assert {
    condition     = yamldecode(helm_release.knative.values[0]).events == {} && yamldecode(helm_release.knative.values[0]).domain == ""
    error_message = "Without Pub/Sub, functions are told nothing of it."
  }
}

run "a_port_of_each_node" {
  command = plan
  variables { gateway = { node_port = 30080 } }

  assert {
    condition     = yamldecode(helm_release.knative.values[0]).kourier.nodePort == 30080
    error_message = "A load balancer outside of Kubernetes finds Kourier at the port that it knocks at."
  }
}

run "a_port_that_no_node_has" {
  command = plan
  variables { gateway = { node_port = 443 } }
  expect_failures = [var.gateway]
}

run "a_service_that_is_none" {
  command = plan
  variables { gateway = { service_type = "NodePort" } }
  expect_failures = [var.gateway]
}
