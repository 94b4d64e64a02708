output "cluster_name" {
  description = "As `az aks get-credentials --name` takes it; the resource group is called the same."
  value       = module.aks.cluster_name
}

output "endpoint" {
  description = "The Kubernetes API."
  value       = module.aks.endpoint
}

output "ca" {
  description = "The certificate of who signed the endpoint's, PEM."
  value       = module.aks.ca
}

output "oidc_issuer" {
  description = "The issuer of the cluster's service account tokens."
  value       = module.aks.oidc_issuer
}

output "registry_url" {
  description = "What an image's name begins with."
  value       = module.aks.registry_url
}

output "redis_url_ref" {
  description = "Where functions find the URL of Redis: NAMESPACE/SECRET#KEY."
  value       = module.knative.redis_url_ref
}

output "postgres_url_ref" {
  description = "Where functions find the URL of PostgreSQL: NAMESPACE/SECRET#KEY."
  value       = module.knative.postgres_url_ref
}

output "gateway_identity" {
  description = "What the Kubernetes service account `gateway` is in the cloud."
  value       = module.aks.gateway_identity
}

output "dns_records" {
  description = "What the zone of `gateway_domain` needs."
  value       = module.aks.dns_records
}

output "sleep" {
  description = "The commands that put this environment to sleep, in their order."
  value       = concat(module.events[*].pause_command, [module.aks.sleep_command])
}

output "wake" {
  description = "The commands that wake it, in their order."
  value       = concat([module.aks.wake_command], module.events[*].resume_command)
}
