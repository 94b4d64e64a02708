variable "name" {
  description = "The contract's: what every resource's name begins with."
  type        = string
}

variable "env" {
  description = "The contract's: the environment."
  type        = string
}

variable "location" {
  description = "The region, as Azure's command line has it."
  type        = string
  default     = "westeurope"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+$", var.location))
    error_message = "location is a region's short name such as \"westeurope\"."
  }
}

variable "public_endpoint_cidrs" {
  description = "The contract's: who may reach the Kubernetes API from outside may push images from there. Empty: nobody."
  type        = list(string)
}
