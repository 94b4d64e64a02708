variable "subscription_id" {
  description = "The Azure subscription of this environment."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.subscription_id))
    error_message = "subscription_id is a lower-case UUID: `az account show --query id`."
  }
}

variable "tenant_id" {
  description = "The Entra tenant of the subscription."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.tenant_id))
    error_message = "tenant_id is a lower-case UUID: `az account show --query tenantId`."
  }
}

variable "admin_group_id" {
  description = "The object id of the Entra group whose members, Terraform's identity among them, administrate the cluster."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.admin_group_id))
    error_message = "admin_group_id is a lower-case UUID: `az ad group show --group NAME --query id`."
  }
}

variable "resource_group" {
  description = "The environment's resource group, of `modules/acr`, where all but the nodes is; `location` is the region."
  type = object({
    id       = string
    name     = string
    location = string
  })
}

variable "registry_id" {
  description = "The registry, of `modules/acr`: nodes may pull from it, and find it in the network."
  type        = string
}

variable "kubernetes_version" {
  description = "The version that the cluster begins with, of `terraform/pins.json`: Knative asks for it. Patches come by themselves."
  type        = string
}

variable "service_accounts" {
  description = "The Kubernetes service accounts of the functions: each may act as `gateway_identity`. Azure wants every one by its name."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setunion(var.service_accounts, ["gateway"])) <= 20
    error_message = "service_accounts, with `gateway`, has more than 20 names: an identity of Azure's trusts no more."
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

variable "gateway_certificate" {
  description = "The wildcard certificate of `*.NAMESPACE.DOMAIN` in a Key Vault that authorizes by roles: the vault's resource id, and the certificate's secret id without a version, so that a renewed one is taken by itself."
  type = object({
    key_vault_id = string
    secret_id    = string
  })
  default = null

  validation {
    condition     = (var.gateway_domain == null) == (var.gateway_certificate == null)
    error_message = "gateway_domain and gateway_certificate go together: Azure issues no wildcard certificate by itself."
  }
  validation {
    condition     = var.gateway_certificate == null || can(regex("^https://[^/]+/secrets/[^/]+/?$", var.gateway_certificate.secret_id))
    error_message = "gateway_certificate.secret_id is https://VAULT.vault.azure.net/secrets/NAME, without a version."
  }
}

variable "namespace" {
  description = "The Kubernetes namespace of the functions."
  type        = string
  default     = "functions"
  nullable    = false
}
