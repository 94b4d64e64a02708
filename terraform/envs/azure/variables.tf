variable "gateway_certificate" {
  description = "The wildcard certificate of `*.functions.DOMAIN` in a Key Vault of yours: the vault's resource id, and the certificate's secret id without a version."
  type = object({
    key_vault_id = string
    secret_id    = string
  })
  default = null
}

variable "subscription_id" {
  description = "The Azure subscription of this environment: `az account show --query id`."
  type        = string
}

variable "tenant_id" {
  description = "The Entra tenant of the subscription: `az account show --query tenantId`."
  type        = string
}

variable "admin_group_id" {
  description = "The object id of the Entra group that administrates the cluster; whoever applies is a member: `az ad group show --group NAME --query id`."
  type        = string
}

variable "location" {
  description = "Azure's region."
  type        = string
  default     = "westeurope"
  nullable    = false
}

variable "project_id" {
  description = "The Google Cloud project of the topics. Null where there are none."
  type        = string
  default     = null

  validation {
    condition     = var.broker != "pubsub" || var.project_id != null
    error_message = "Pub/Sub is in a Google Cloud project: set project_id and project_number, or broker to \"knative\"."
  }
}

variable "project_number" {
  description = "The same project's number: `gcloud projects describe PROJECT --format='value(projectNumber)'`."
  type        = string
  default     = null

  validation {
    condition     = var.broker != "pubsub" || var.project_number != null
    error_message = "Pub/Sub is in a Google Cloud project: set project_number with project_id."
  }
}

variable "region" {
  description = "Google's region, where messages are kept."
  type        = string
  default     = "europe-west4"
  nullable    = false
}
