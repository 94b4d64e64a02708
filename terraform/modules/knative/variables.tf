variable "versions" {
  description = "Of `terraform/pins.json`: the operator's chart, Serving and Eventing (which the operator's image carries), the image that waits for both, that of Cloud SQL's proxy, and that of NVIDIA's device plugin where the cloud installs none."
  type = object({
    operator_chart = string
    serving        = string
    eventing       = string
    kubectl_image  = string
    proxy_image    = optional(string)

    device_plugin_image = optional(string)
  })
}

variable "operator_repository" {
  description = "Where the operator's chart is fetched; a mirror (`oci://...`) where there is no way out."
  type        = string
  default     = "https://knative.github.io/operator"
  nullable    = false
}

variable "namespace" {
  description = "The namespace of the functions; the chart makes it."
  type        = string
  default     = "functions"
  nullable    = false
}

variable "gateway_domain" {
  description = "The domain of the gateway: a function's address is https://SERVICE.NAMESPACE.DOMAIN. Null: functions are reached inside of the cluster only."
  type        = string
  default     = null
}

variable "gateway" {
  description = "How the outside reaches Kourier. `service_type` and `service_annotations` are those of its Service; with `gke`, a Gateway with that certificate map and address terminates TLS in front of it; with `node_port`, a load balancer outside of Kubernetes does, and finds it at that port of each node."
  type = object({
    service_type        = optional(string, "ClusterIP")
    service_annotations = optional(map(string), {})
    node_port           = optional(number)
    gke = optional(object({
      certificate_map = string
      address         = string
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["ClusterIP", "LoadBalancer"], var.gateway.service_type)
    error_message = "gateway.service_type is \"ClusterIP\" or \"LoadBalancer\"."
  }
  validation {
    condition     = var.gateway.node_port == null || try(var.gateway.node_port >= 30000 && var.gateway.node_port <= 32767, false)
    error_message = "gateway.node_port is one that Kubernetes gives out: 30000 to 32767."
  }
}

variable "events" {
  description = "What functions need for Pub/Sub, as `modules/events` puts it out; becomes the ConfigMap `renga-events`. Null: they use the Broker of the cluster."
  type = object({
    sink                     = string
    push_audience            = string
    push_email               = string
    credential_configuration = optional(string)
  })
  default = null
}

variable "callers" {
  description = "E-mails of who may call the routes beside handlers: `RENGA_CALLERS`."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "stores" {
  description = "Where the stores are, as the cluster's module puts it out: addresses that functions may reach, certificates that they get, and more keys of the Secret `renga-stores` (`blobs-url`). With `cloud_sql`, a proxy opens PostgreSQL."
  type = object({
    egress       = optional(list(object({ cidr = string, port = number })), [])
    certificates = optional(map(string), {})
    settings     = optional(map(string), {})
    cloud_sql = optional(object({
      instance = string
      address  = string
      identity = string
    }))
  })
  default  = {}
  nullable = false
}

variable "redis_url" {
  description = "Becomes `redis-url` of the Secret `renga-stores`."
  type        = string
  sensitive   = true
}

variable "postgres_url" {
  description = "Becomes `postgres-url` of the Secret `renga-stores`."
  type        = string
  sensitive   = true
}

variable "metadata_server" {
  description = "Whether functions may reach the node's metadata server, where GKE gives them their identity. Elsewhere it is the node's own identity that would be there."
  type        = bool
  default     = false
  nullable    = false
}
