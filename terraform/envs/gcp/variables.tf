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
