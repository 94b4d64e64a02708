# What only roots are asked for.

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

variable "callers" {
  description = "E-mails of who may call the routes beside handlers, such as the ledger's runs, with an OIDC token of Google's."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for caller in var.callers : can(regex("^[^@ ,]+@[^@ ,]+[.][^@ ,]+$", caller))])
    error_message = "One of the callers is no address."
  }
}

variable "gone" {
  description = "Whether nothing runs: images, and topics with the messages in them stay, all else goes. `renga cloud down` sets it, after what has to come first."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.gone || !var.deletion_protection
    error_message = "deletion_protection is on, so nothing goes: apply it as false first."
  }
}
