# The operator's image carries every manifest of Serving, Eventing and Kourier: nothing is fetched while it runs, and the
# pin of the chart pins them all.

locals {
  # What is not there is empty, not null: to Helm a null takes a chart's own value away.
  values = {
    versions = {
      serving  = var.versions.serving
      eventing = var.versions.eventing
      kubectl  = var.versions.kubectl_image
    }
    namespace = var.namespace
    domain    = var.gateway_domain == null ? "" : var.gateway_domain
    kourier = {
      serviceType = var.gateway.service_type
      annotations = var.gateway.service_annotations
      nodePort    = var.gateway.node_port == null ? 0 : var.gateway.node_port
    }
    gke = try({
      certificateMap = var.gateway.gke.certificate_map
      address        = var.gateway.gke.address
    }, {})
    events = try({
      sink                    = var.events.sink
      pushAudience            = var.events.push_audience
      pushEmail               = var.events.push_email
      callers                 = join(",", var.callers)
      credentialConfiguration = var.events.credential_configuration == null ? "" : var.events.credential_configuration
    }, {})
    stores = {
      egress       = var.stores.egress
      certificates = var.stores.certificates
      settings     = var.stores.settings
      cloudSql = try({
        image    = var.versions.proxy_image
        instance = var.stores.cloud_sql.instance
        address  = var.stores.cloud_sql.address
        identity = var.stores.cloud_sql.identity
      }, {})
    }
    metadataServer = var.metadata_server
    devicePlugin   = var.versions.device_plugin_image == null ? "" : var.versions.device_plugin_image
  }
}

resource "helm_release" "operator" {
  name             = "knative-operator"
  namespace        = "knative-operator"
  create_namespace = true
  repository       = var.operator_repository
  chart            = "knative-operator"
  version          = var.versions.operator_chart
  atomic           = true
  timeout          = 600
}

# It is done when Serving and Eventing are Ready: a hook of the chart waits for them, because Helm knows no custom resource.
# Uninstalling waits until both are gone, while the operator is still there to take them down.
resource "helm_release" "knative" {
  name      = "knative"
  namespace = helm_release.operator.namespace
  chart     = "${path.module}/chart"
  atomic    = true
  wait      = true
  timeout   = 1200
  values    = [yamlencode(local.values)]

  set_sensitive = [
    { name = "stores.redisUrl", value = var.redis_url, type = "string" },
    { name = "stores.postgresUrl", value = var.postgres_url, type = "string" },
  ]
}
