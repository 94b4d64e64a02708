variable "broker" {
  description = "What carries events: `pubsub`, or `knative` for the Broker of the cluster."
  type        = string
  default     = "pubsub"
  nullable    = false

  validation {
    condition     = contains(["pubsub", "knative"], var.broker)
    error_message = "broker is \"pubsub\" or \"knative\"."
  }
}

variable "gateway_domain" {
  description = "The domain below which functions are reached from outside, by https. Null: not at all."
  type        = string
  default     = null

  validation {
    condition     = var.broker != "pubsub" || var.gateway_domain != null
    error_message = "Pub/Sub pushes to https only: set gateway_domain to a domain whose records you can write, or broker to \"knative\"."
  }
}

variable "project_id" {
  description = "The Google Cloud project of this environment."
  type        = string
}

variable "project_number" {
  description = "The same project's number: `gcloud projects describe PROJECT --format='value(projectNumber)'`."
  type        = string
}

variable "region" {
  description = "Of the network, the registry, the databases and the topics."
  type        = string
  default     = "europe-west4"
  nullable    = false
}

variable "zone" {
  description = "Of the cluster."
  type        = string
  default     = "europe-west4-a"
  nullable    = false
}

variable "billing_account" {
  description = "Who pays, such as `012345-6789AB-CDEF01`; only a budget needs it."
  type        = string
  default     = null
}

variable "accelerator" {
  description = "The GPU of a node of `gpu_pool`."
  type        = string
  default     = "nvidia-l4"
  nullable    = false
}

variable "security_group" {
  description = "The Google group whose members' groups Kubernetes roles may name, `gke-security-groups@DOMAIN`."
  type        = string
  default     = null
}
