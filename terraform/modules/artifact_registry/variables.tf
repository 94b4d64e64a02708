variable "name" {
  description = "The contract's: what every resource's name begins with."
  type        = string
}

variable "env" {
  description = "The contract's: the environment."
  type        = string
}

variable "project_id" {
  description = "The Google Cloud project of this environment."
  type        = string
}

variable "project_number" {
  description = "The same project's number: Google's own service agents are named after it."
  type        = string
}

variable "region" {
  description = "Of the registry and the key."
  type        = string
}
