output "cluster_name" {
  description = "As `aws eks update-kubeconfig --name` takes it."
  value       = module.eks.cluster_name
}

output "endpoint" {
  description = "The Kubernetes API."
  value       = module.eks.endpoint
}

output "ca" {
  description = "The certificate of who signed the endpoint's; null where the public has it."
  value       = module.eks.ca
}

output "oidc_issuer" {
  description = "The issuer of the cluster's service account tokens."
  value       = module.eks.oidc_issuer
}

output "registry_url" {
  description = "What an image's name begins with."
  value       = module.eks.registry_url
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
  value       = module.eks.gateway_identity
}

output "dns_records" {
  description = "What the zone of `gateway_domain` needs."
  value       = module.eks.dns_records
}

output "sleep" {
  description = "The commands that put this environment to sleep, in their order."
  value       = concat(module.events[*].pause_command, [module.eks.sleep_command])
}

output "wake" {
  description = "The commands that wake it, in their order."
  value       = concat([module.eks.wake_command], module.events[*].resume_command)
}
