# Copied from terraform/contract/roots/outputs.tf by `make generate`; change it there.

output "cluster_name" {
  description = "As the cloud's own command line takes it."
  value       = one(module.cluster[*].cluster_name)
}

output "endpoint" {
  description = "The Kubernetes API."
  value       = one(module.cluster[*].endpoint)
}

output "ca" {
  description = "The certificate of who signed the endpoint's, PEM; null where the public has it."
  value       = one(module.cluster[*].ca)
}

output "oidc_issuer" {
  description = "The issuer of the cluster's service account tokens."
  value       = one(module.cluster[*].oidc_issuer)
}

output "registry_url" {
  description = "What an image's name begins with."
  value       = module.registry.registry_url
}

output "redis_url_ref" {
  description = "Where functions find the URL of Redis: NAMESPACE/SECRET#KEY."
  value       = one(module.knative[*].redis_url_ref)
}

output "postgres_url_ref" {
  description = "Where functions find the URL of PostgreSQL: NAMESPACE/SECRET#KEY."
  value       = one(module.knative[*].postgres_url_ref)
}

output "gateway_identity" {
  description = "What the Kubernetes service account `gateway` is in the cloud."
  value       = one(module.cluster[*].gateway_identity)
}

output "dns_records" {
  description = "What the zone of `gateway_domain` needs."
  value       = flatten(module.cluster[*].dns_records)
}

output "env" {
  description = "The environment that this state is of."
  value       = var.env
}

output "deletion_protection" {
  description = "Whether what was applied refuses to be destroyed."
  value       = var.deletion_protection
}

output "gone" {
  description = "Whether what was applied is only what stays. What is said of the cluster is then null or empty."
  value       = var.gone
}

output "sleeps" {
  description = "What stops and starts, in the order in which it stops: for each part its commands, which program output says that they did it, what to wait for, and what shows its state. `renga cloud` runs them."
  value       = concat(module.events[*].sleeps, module.knative[*].sleeps, flatten(module.cluster[*].sleeps))
}

output "kubeconfig" {
  description = "The commands that write credentials of the cluster into the file that the variable KUBECONFIG names."
  value       = flatten(module.cluster[*].kubeconfig)
}

output "interfaces" {
  description = "Where network interfaces can keep the network from being destroyed: the commands that list those of load balancers, and those that were left; null elsewhere."
  value       = one(module.cluster[*].interfaces)
}
