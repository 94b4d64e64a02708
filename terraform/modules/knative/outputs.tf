output "namespace" {
  description = "The namespace of the functions."
  value       = var.namespace

  depends_on = [helm_release.knative]
}

output "redis_url_ref" {
  description = "Where functions find the URL of Redis: NAMESPACE/SECRET#KEY."
  value       = "${var.namespace}/renga-stores#redis-url"

  depends_on = [helm_release.knative]
}

output "postgres_url_ref" {
  description = "Where functions find the URL of PostgreSQL: NAMESPACE/SECRET#KEY."
  value       = "${var.namespace}/renga-stores#postgres-url"

  depends_on = [helm_release.knative]
}

output "sleeps" {
  description = "Knative, as the root's output `sleeps` has it: it runs on the nodes, stops with them, and is waited for before anything is pushed."
  value = {
    part   = "Knative"
    stop   = null
    start  = null
    prints = null
    ready = [
      for namespace in ["knative-serving", "knative-eventing"] :
      "kubectl wait --for=condition=Available deployments --all --namespace=${namespace} --timeout=15m"
    ]
    shows = []
  }

  depends_on = [helm_release.knative]
}
