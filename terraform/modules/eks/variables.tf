variable "account_id" {
  description = "The AWS account of this environment."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id has 12 digits: `aws sts get-caller-identity --query Account`."
  }
}

variable "region" {
  description = "Of everything."
  type        = string
  default     = "eu-central-1"
  nullable    = false
}

variable "zones" {
  description = "The zones of the region, by the end of their names. The CPU and GPU pools spread over all of them."
  type        = list(string)
  default     = ["a", "b"]
  nullable    = false

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 4 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones has two to four different ones: EKS takes no fewer than two."
  }
}

variable "key_arn" {
  description = "The environment's key, of `modules/ecr`: all that lies still is encrypted with it."
  type        = string
}

variable "kubernetes_version" {
  description = "The version of the control plane, of `terraform/pins.json`: Knative asks for it. One that AWS no longer supports costs six times as much."
  type        = string
}

variable "admins" {
  description = "ARNs of the IAM roles and users that may do everything in the cluster. Who applies is one of them: nobody gets in by having made it."
  type        = list(string)

  validation {
    condition     = length(var.admins) > 0 && alltrue([for arn in var.admins : can(regex("^arn:aws:iam::[0-9]{12}:(role|user)/[^*]+$", arn))])
    error_message = "admins holds at least one ARN of a role or user, arn:aws:iam::ACCOUNT:role/NAME. That of a session (arn:aws:sts::...:assumed-role/...) is none."
  }
}

variable "functions" {
  description = "The Kubernetes service accounts of the functions, which are named as their Services: each may read and write blobs."
  type        = set(string)
}

variable "gpu_machines" {
  description = "Sizes with one GPU, any of which a node of `gpu_pool` may have, so that spot finds one. `gpu_pool.machine` stands for one in place of these."
  type        = list(string)
  default     = ["g6.xlarge", "g5.xlarge", "g4dn.xlarge"]
  nullable    = false

  validation {
    condition     = length(var.gpu_machines) > 0
    error_message = "gpu_machines holds at least one size."
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

variable "certificate_arn" {
  description = "The certificate in ACM, in this region and issued, for `*.NAMESPACE.DOMAIN`. A load balancer takes no other."
  type        = string
  default     = null

  validation {
    condition     = var.gateway_domain == null || can(regex("^arn:aws:acm:${var.region}:${var.account_id}:certificate/[0-9a-f-]{36}$", var.certificate_arn))
    error_message = "With gateway_domain, certificate_arn is that of a certificate in this account and region: arn:aws:acm:REGION:ACCOUNT:certificate/ID."
  }
}

variable "database_ca" {
  description = "The certificates of who signs RDS' own, PEM: https://truststore.pki.rds.amazonaws.com/REGION/REGION-bundle.pem. Null: functions speak TLS with PostgreSQL without asking who it is."
  type        = string
  default     = null

  validation {
    condition     = var.database_ca == null || can(regex("^-----BEGIN CERTIFICATE-----", var.database_ca))
    error_message = "database_ca begins with -----BEGIN CERTIFICATE-----."
  }
}

variable "namespace" {
  description = "The Kubernetes namespace of the functions."
  type        = string
  default     = "functions"
  nullable    = false
}
