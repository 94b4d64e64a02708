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
