# Every function's image in one go, from the top of the project:
#   docker buildx bake -f knative/image/docker-bake.hcl -f knative/image/functions.json --push
# with BASE, REGISTRY and TAG in the environment. `renga wiring` writes functions.json, which is the variable FUNCTIONS.
variable "BASE" {
  default     = ""
  description = "The image under all of them, by digest: python:3.11-slim-bookworm@sha256:..."
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", BASE))
    error_message = "BASE is an image by digest, such as python:3.11-slim-bookworm@sha256:..."
  }
}

variable "REGISTRY" {
  default = "dev.local"
}

variable "TAG" {
  default = "dev"
}

variable "EXTRAS" {
  default     = "pubsub,redis"
  description = "Extras of renga for the stores and the broker of the environment."
}

group "default" {
  targets = ["function"]
}

target "function" {
  name       = replace(function, "/", "-")
  matrix     = { function = FUNCTIONS }
  context    = "."
  dockerfile = "knative/image/Dockerfile"
  # Without times the same files make the same image, wherever it is built: nothing new is deployed then.
  args       = { BASE = BASE, FUNCTION = function, EXTRAS = EXTRAS, SOURCE_DATE_EPOCH = 0 }
  output     = ["type=image,rewrite-timestamp=true"]
  tags       = ["${REGISTRY}/${replace(function, "/", "-")}:${TAG}"]
}
