variable "name" {
  description = "The contract's: what every resource's name begins with."
  type        = string
}

variable "env" {
  description = "The contract's: the environment."
  type        = string
}

variable "deletion_protection" {
  description = "The contract's: a repository with images in it refuses to be destroyed."
  type        = bool
}

variable "account_id" {
  description = "The AWS account of this environment."
  type        = string
}

variable "region" {
  description = "Of the repositories and the key."
  type        = string
}

variable "functions" {
  description = "The functions, by the names of their Services: each has a repository."
  type        = set(string)
}
