# Who pushes, and who publishes. Nobody has a key.

resource "google_service_account" "push" {
  project      = var.project_id
  account_id   = "${var.name}-push"
  display_name = "Signs what Pub/Sub pushes to functions"

  depends_on = [google_project_service.api]
}

resource "google_service_account_iam_member" "agent_signs" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = local.agent
}

locals {
  publications = merge([
    for publisher in var.table.publishers : {
      for topic in publisher.topics : "${publisher.service} ${topic}" => { service = publisher.service, topic = topic } if !var.gone
    }
  ]...)

  pool = (
    var.workload_pool == null
    ? one(google_iam_workload_identity_pool.clusters[*].name)
    : "projects/${var.project_number}/locations/global/workloadIdentityPools/${var.workload_pool}"
  )
  subject = var.federation == null ? "ns/${var.namespace}/sa/" : "system:serviceaccount:${var.namespace}:"

  # Nobody is one without a cluster.
  principals = {
    for publisher in var.table.publishers :
    publisher.service => "principal://iam.googleapis.com/${local.pool}/subject/${local.subject}${publisher.service}" if !var.gone
  }
}

resource "google_pubsub_topic_iam_member" "publishes" {
  for_each = local.publications

  project = var.project_id
  topic   = google_pubsub_topic.event[each.value.topic].name
  role    = "roles/pubsub.publisher"
  member  = local.principals[each.value.service]
}

# A cluster elsewhere: its issuer is believed for the namespace of the functions, and for nothing else.
resource "google_iam_workload_identity_pool" "clusters" {
  count = var.federation == null ? 0 : 1

  project                   = var.project_id
  workload_identity_pool_id = "wif-${var.name}-${terraform_data.suffix.output}"
  display_name              = var.name

  depends_on = [google_project_service.api]
}

# Google keeps a provider's id for 30 days, and a cluster that comes back is another one: it has an id of its own.
resource "terraform_data" "cluster" {
  count = var.federation == null || var.gone ? 0 : 1

  input = substr(uuid(), 0, 6)

  lifecycle {
    ignore_changes = [input]
  }
}

resource "google_iam_workload_identity_pool_provider" "cluster" {
  count = length(terraform_data.cluster)

  project                            = var.project_id
  workload_identity_pool_id          = google_iam_workload_identity_pool.clusters[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "${var.federation.cluster}-${terraform_data.cluster[0].output}"
  attribute_mapping                  = { "google.subject" = "assertion.sub" }
  attribute_condition                = "assertion.sub.startsWith('system:serviceaccount:${var.namespace}:')"

  # AKS gives a cluster that is made anew another issuer, and this changes with it. The audience is the one that pods ask
  # their token for (knative/components/federation): the same in every environment, so that no manifest names one.
  oidc {
    issuer_uri        = var.federation.issuer_uri
    allowed_audiences = ["google-federation"]
  }
}

locals {
  credential_configuration = one([for provider in google_iam_workload_identity_pool_provider.cluster : jsonencode({
    type               = "external_account"
    universe_domain    = "googleapis.com"
    audience           = "//iam.googleapis.com/${provider.name}"
    subject_token_type = "urn:ietf:params:oauth:token-type:jwt"
    token_url          = "https://sts.googleapis.com/v1/token"
    credential_source = {
      file   = "/var/run/renga/token"
      format = { type = "text" }
    }
  })])
}
