variable "certificate_arn" {
  description = "The certificate in ACM, in this region and issued, for `*.functions.DOMAIN`; gateway_domain needs it."
  type        = string
  default     = null
}

variable "account_id" {
  description = "The AWS account of this environment; with credentials of another nothing is done."
  type        = string
}

variable "region" {
  description = "Of everything on AWS."
  type        = string
  default     = "eu-central-1"
  nullable    = false
}

variable "zones" {
  description = "The zones of the region, by the end of their names."
  type        = list(string)
  default     = ["a", "b"]
  nullable    = false
}

variable "admins" {
  description = "ARNs of the IAM roles and users that may do everything in the cluster; who applies is one of them."
  type        = list(string)
}

variable "gpu_machines" {
  description = "Sizes with one GPU, any of which a node of `gpu_pool` may have."
  type        = list(string)
  default     = ["g6.xlarge", "g5.xlarge", "g4dn.xlarge"]
  nullable    = false
}

variable "database_ca_file" {
  description = "A file with the certificates of who signs RDS' own, from https://truststore.pki.rds.amazonaws.com/REGION/REGION-bundle.pem. Null: functions speak TLS with PostgreSQL without asking who it is."
  type        = string
  default     = null

  validation {
    condition     = var.database_ca_file != null || var.env != "prod"
    error_message = "In prod PostgreSQL shows who it is: set database_ca_file."
  }
}

variable "project_id" {
  description = "The Google Cloud project of the topics; only `broker = \"pubsub\"` needs it."
  type        = string
  default     = null

  validation {
    condition     = var.broker != "pubsub" || var.project_id != null
    error_message = "Topics are in a Google Cloud project: set project_id, or broker to \"knative\"."
  }
}

variable "project_number" {
  description = "The same project's number: `gcloud projects describe PROJECT --format='value(projectNumber)'`."
  type        = string
  default     = null

  validation {
    condition     = var.broker != "pubsub" || var.project_number != null
    error_message = "Topics are in a Google Cloud project: set project_number, or broker to \"knative\"."
  }
}

variable "google_region" {
  description = "Where messages are kept, and where the workflows run that pause pushes: one near to `region`."
  type        = string
  default     = "europe-west3"
  nullable    = false
}

variable "autoscaler_repository" {
  description = "Where the autoscaler's chart is fetched; a mirror (`oci://...`) where there is no way out."
  type        = string
  default     = "https://kubernetes.github.io/autoscaler"
  nullable    = false
}
