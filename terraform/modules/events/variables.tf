variable "name" {
  description = "What every resource's name begins with: the contract's `name` and `env` with a hyphen."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{3,20}$", var.name))
    error_message = "name has 4 to 21 lower-case letters, digits and hyphens and begins with a letter."
  }
}

variable "project_id" {
  description = "The Google Cloud project of the topics. One environment per project: a topic is named as its event type."
  type        = string
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
  description = "Where messages are kept, and where the workflows run that pause pushes."
  type        = string
}

variable "table" {
  description = "Topics and subscriptions: `jsondecode(file(\"events/pubsub.json\"))`, which `renga wiring` writes."
  type = object({
    topics            = list(string)
    dead_letter_topic = string
    publishers = list(object({
      service = string
      topics  = list(string)
    }))
    subscriptions = list(object({
      name                  = string
      topic                 = string
      service               = string
      ack_deadline_seconds  = number
      retry_policy          = object({ minimum_backoff = string, maximum_backoff = string })
      max_delivery_attempts = optional(number)
      expiration_ttl        = string
    }))
  })

  validation {
    condition = length(setsubtract(
      concat(var.table.subscriptions[*].topic, flatten(var.table.publishers[*].topics)),
      concat(var.table.topics, [var.table.dead_letter_topic])
    )) == 0
    error_message = "The table has a subscription or a publisher of a topic that it does not list; `renga wiring` writes it anew."
  }
}

variable "gateway_domain" {
  description = "The domain of the cluster's gateway. A function's address is https://SERVICE.NAMESPACE.DOMAIN, and there Pub/Sub pushes to."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]{2,}$", var.gateway_domain))
    error_message = "gateway_domain is a domain name such as \"renga.example.org\", without a scheme and a path."
  }
}

variable "namespace" {
  description = "The Kubernetes namespace of the functions."
  type        = string
  default     = "functions"
  nullable    = false
}

variable "workload_pool" {
  description = "On GKE: the pool of the project's Kubernetes service accounts, `PROJECT.svc.id.goog`, which is there once a cluster is. Null elsewhere."
  type        = string
  default     = null

  validation {
    condition     = var.gone || (var.workload_pool == null) != (var.federation == null)
    error_message = "Set workload_pool on GKE and federation elsewhere: one of them, not both."
  }
}

variable "federation" {
  description = "Outside of Google Cloud: what the cluster is called and who signs its service accounts' tokens, nobody while it is gone. Null on GKE."
  type = object({
    cluster    = string
    issuer_uri = optional(string)
  })
  default = null

  validation {
    condition     = var.federation == null || can(regex("^[a-z][a-z0-9-]{0,23}$", var.federation.cluster))
    error_message = "federation.cluster has 1 to 24 lower-case letters, digits and hyphens: the provider's id, 4 to 32 characters, is made of it."
  }
  validation {
    condition     = var.federation == null || var.gone || can(regex("^https://", var.federation.issuer_uri))
    error_message = "federation.issuer_uri is the https URL that the cluster's tokens have as issuer."
  }
}

variable "gone" {
  description = "Whether there is no cluster: topics, and subscriptions with their messages, wait for the next one."
  type        = bool
  default     = false
  nullable    = false
}

variable "sleep_schedule" {
  description = "The contract's: while the cluster sleeps nothing is pushed, and messages wait in their subscriptions."
  type = object({
    sleep     = string
    wake      = string
    days      = optional(list(string), ["MON", "TUE", "WED", "THU", "FRI"])
    time_zone = optional(string, "Etc/UTC")
  })
  default = null
}
