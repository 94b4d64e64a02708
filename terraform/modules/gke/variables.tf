variable "project_id" {
  description = "The Google Cloud project of this environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id has 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "project_number" {
  description = "The same project's number: Google's own service agents are named after it."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+$", var.project_number))
    error_message = "project_number holds digits only: `gcloud projects describe PROJECT --format='value(projectNumber)'`."
  }
}

variable "region" {
  description = "Of the network and the databases, and of the registry."
  type        = string
  default     = "europe-west4"
  nullable    = false
}

variable "zone" {
  description = "Of the cluster. The control plane of one zonal cluster per billing account is free."
  type        = string
  default     = "europe-west4-a"
  nullable    = false

  validation {
    condition     = startswith(var.zone, "${var.region}-")
    error_message = "zone lies in region."
  }
}

variable "billing_account" {
  description = "Who pays, such as `012345-6789AB-CDEF01`; a budget is set on it."
  type        = string
  default     = null

  validation {
    condition     = var.monthly_budget_usd == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "A budget is one of a billing account: set billing_account, such as 012345-6789AB-CDEF01."
  }
}

variable "key_id" {
  description = "The environment's key, of `modules/artifact_registry`: Kubernetes' secrets, PostgreSQL and blobs are encrypted with it."
  type        = string
}

variable "repository" {
  description = "The registry's repository, which nodes may read."
  type        = string
}

variable "kubernetes_version" {
  description = "The least version of the control plane, of `terraform/pins.json`: Knative asks for it."
  type        = string
}

variable "accelerator" {
  description = "The GPU of a node of `gpu_pool`; it fits `gpu_pool.machine`."
  type        = string
  default     = "nvidia-l4"
  nullable    = false
}

variable "security_group" {
  description = "The Google group whose members' groups Kubernetes roles may name, `gke-security-groups@DOMAIN`. Null: roles name people."
  type        = string
  default     = null

  validation {
    condition     = var.security_group == null || can(regex("^gke-security-groups@", var.security_group))
    error_message = "GKE takes one group only: gke-security-groups@DOMAIN."
  }
}

variable "gateway_domain" {
  description = "The domain below which functions are reached from outside, by https. Null: not at all."
  type        = string
  default     = null

  validation {
    condition     = var.gateway_domain == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]{2,}$", var.gateway_domain))
    error_message = "gateway_domain is a domain name such as \"renga.example.org\", without a scheme and a path."
  }
}

variable "namespace" {
  description = "The Kubernetes namespace of the functions."
  type        = string
  default     = "functions"
  nullable    = false
}
