# Copied from terraform/contract/variables.tf and terraform/contract/roots.tf by `make generate`; change it there.

variable "name" {
  description = "What every resource's name begins with."
  type        = string
  default     = "renga"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,10}[a-z0-9]$", var.name))
    error_message = "name has 2 to 12 lower-case letters, digits and hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "env" {
  description = "The environment: `dev`, `staging`, `prod`. Each has an account, project or resource group of its own."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,7}$", var.env))
    error_message = "env has 2 to 8 lower-case letters and digits and begins with a letter."
  }
}

variable "cpu_pool" {
  description = "Nodes for Knative and the functions. `machine` is the cloud's own name of a size; null is the smallest that holds Knative."
  type = object({
    machine = optional(string)
    min     = optional(number, 1)
    max     = optional(number, 3)
    spot    = optional(bool, false)
    disk_gb = optional(number, 50)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.cpu_pool.min >= 1 && var.cpu_pool.max >= var.cpu_pool.min
    error_message = "cpu_pool has 1 <= min <= max: Knative's control plane needs a node. An environment without nodes is one that sleeps, see sleep_schedule."
  }
}

variable "gpu_pool" {
  description = "Nodes with one GPU each, none of which is there until something asks for `nvidia.com/gpu`. `max = 0` leaves the pool out."
  type = object({
    machine = optional(string)
    min     = optional(number, 0)
    max     = optional(number, 1)
    spot    = optional(bool, true)
    disk_gb = optional(number, 100)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.gpu_pool.min == 0 || var.allow_idle_gpu
    error_message = "gpu_pool.min keeps GPUs running that nobody uses. Leave it at 0, or set allow_idle_gpu = true."
  }
  validation {
    condition     = var.gpu_pool.min >= 0 && var.gpu_pool.max >= var.gpu_pool.min
    error_message = "gpu_pool has 0 <= min <= max."
  }
  validation {
    condition     = var.gpu_pool.max <= var.gpu_nodes_limit
    error_message = "gpu_pool.max is over gpu_nodes_limit, which bounds what GPUs can cost. Raise the limit if that is meant."
  }
}

variable "allow_idle_gpu" {
  description = "Whether `gpu_pool.min` may be above 0."
  type        = bool
  default     = false
  nullable    = false
}

variable "gpu_nodes_limit" {
  description = "The most that `gpu_pool.max` may be: budgets only send mail, this is what holds."
  type        = number
  default     = 8
  nullable    = false
}

variable "data_tier" {
  description = "Redis and PostgreSQL: `single` is the smallest in one zone, `replicated` has a standby in another."
  type        = string
  default     = "single"
  nullable    = false

  validation {
    condition     = contains(["single", "replicated"], var.data_tier)
    error_message = "data_tier is \"single\" or \"replicated\"."
  }
}

variable "deletion_protection" {
  description = "Whether the cluster and the databases refuse to be destroyed. Always on where `env` is `prod`."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.deletion_protection || var.env != "prod"
    error_message = "deletion_protection stays on in prod: whoever takes prod down changes this rule first, and somebody reviews that."
  }
}

variable "public_endpoint_cidrs" {
  description = "Who may reach the public IP address of the Kubernetes API: CIDR blocks. Empty, it has none."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.public_endpoint_cidrs : can(cidrhost(cidr, 0))])
    error_message = "public_endpoint_cidrs holds CIDR blocks such as \"203.0.113.0/24\"."
  }
  validation {
    condition     = alltrue([for cidr in var.public_endpoint_cidrs : try(tonumber(split("/", cidr)[1]) >= 8, false)])
    error_message = "public_endpoint_cidrs would open the Kubernetes API to everybody: no block may be wider than /8."
  }
}

variable "monthly_budget_usd" {
  description = "Mail is sent at half of this spent, and when the month is forecast to exceed it. Null: no budget."
  type        = number
  default     = null

  validation {
    condition     = var.monthly_budget_usd == null || try(var.monthly_budget_usd > 0, false)
    error_message = "monthly_budget_usd is more than 0, or null for none."
  }
}

variable "alert_email" {
  description = "Who is told about the budget."
  type        = string
  default     = null

  validation {
    condition     = var.monthly_budget_usd == null || var.alert_email != null
    error_message = "A budget tells somebody: set alert_email with monthly_budget_usd."
  }
  validation {
    condition     = var.alert_email == null || can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", var.alert_email))
    error_message = "alert_email is no address."
  }
}

variable "sleep_schedule" {
  description = "When nodes and databases stop, and when they come back: `sleep` and `wake` are times of the day (`19:00`), `days` are `MON` to `SUN`. Null: only when told to."
  type = object({
    sleep     = string
    wake      = string
    days      = optional(list(string), ["MON", "TUE", "WED", "THU", "FRI"])
    time_zone = optional(string, "Etc/UTC")
  })
  default = null

  validation {
    condition = var.sleep_schedule == null || try(alltrue([
      for time in [var.sleep_schedule.sleep, var.sleep_schedule.wake] : can(regex("^([01][0-9]|2[0-2]):[0-5][0-9]$", time))
    ]), false)
    error_message = "sleep and wake are times between 00:00 and 22:59: each is done in steps that must end on the same day."
  }
  validation {
    condition = var.sleep_schedule == null || try(
      length(var.sleep_schedule.days) > 0 &&
      length(setsubtract(var.sleep_schedule.days, ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"])) == 0, false
    )
    error_message = "days holds at least one of MON, TUE, WED, THU, FRI, SAT and SUN."
  }
  validation {
    condition     = var.sleep_schedule == null || var.env != "prod"
    error_message = "prod does not sleep: sleep_schedule is null there."
  }
}

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
