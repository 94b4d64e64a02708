# Topics and subscriptions are those of the table; nothing is listed here a second time.

locals {
  services = ["cloudkms", "cloudscheduler", "iam", "iamcredentials", "pubsub", "sts", "workflowexecutions", "workflows"]
  agent    = "serviceAccount:service-${var.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"

  subscriptions = { for each in var.table.subscriptions : each.name => each }
  given_up      = { for name, each in local.subscriptions : name => each if each.max_delivery_attempts != null }
  kept          = contains(var.table.subscriptions[*].topic, var.table.dead_letter_topic)

  audience  = "https://${var.gateway_domain}"
  endpoints = { for name, each in local.subscriptions : name => "https://${each.service}.${var.namespace}.${var.gateway_domain}/" }
}

resource "google_project_service" "api" {
  for_each = toset(local.services)

  project            = var.project_id
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

# Key rings, roles and workload identity pools keep their names after they are deleted: each life has names of its own.
resource "terraform_data" "suffix" {
  input = substr(uuid(), 0, 6)

  lifecycle {
    ignore_changes = [input]
  }
}

resource "google_kms_key_ring" "events" {
  project  = var.project_id
  name     = "${var.name}-events-${terraform_data.suffix.output}"
  location = var.region

  depends_on = [google_project_service.api]
}

resource "google_kms_crypto_key" "events" {
  # checkov:skip=CKV_GCP_82: prevent_destroy cannot be a variable, and an environment can be destroyed; Google keeps a destroyed key for 30 days.
  name            = "topics"
  key_ring        = google_kms_key_ring.events.id
  rotation_period = "7776000s" # 90 days
}

resource "google_kms_crypto_key_iam_member" "events" {
  crypto_key_id = google_kms_crypto_key.events.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = local.agent
}

resource "google_pubsub_topic" "event" {
  for_each = toset(concat(var.table.topics, [var.table.dead_letter_topic]))

  project      = var.project_id
  name         = each.key
  kms_key_name = google_kms_crypto_key.events.id

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_kms_crypto_key_iam_member.events]
}

resource "google_pubsub_subscription" "push" {
  for_each = local.subscriptions

  project              = var.project_id
  name                 = each.key
  topic                = google_pubsub_topic.event[each.value.topic].id
  ack_deadline_seconds = each.value.ack_deadline_seconds
  # 31 days, as long as Pub/Sub keeps anything: so long an environment may be gone, and a dead letter wait for its desk.
  message_retention_duration = "2678400s"

  expiration_policy {
    ttl = each.value.expiration_ttl
  }

  retry_policy {
    minimum_backoff = each.value.retry_policy.minimum_backoff
    maximum_backoff = each.value.retry_policy.maximum_backoff
  }

  # As it is made. From then on the workflows of pauses.tf say whether it pushes: an apply that gave an address back would
  # push to what is not there yet.
  dynamic "push_config" {
    for_each = var.gone ? [] : [local.endpoints[each.key]]
    content {
      push_endpoint = push_config.value

      no_wrapper {
        write_metadata = true
      }

      oidc_token {
        service_account_email = google_service_account.push.email
        audience              = local.audience
      }
    }
  }

  dynamic "dead_letter_policy" {
    for_each = each.value.max_delivery_attempts == null ? [] : [each.value.max_delivery_attempts]
    content {
      dead_letter_topic     = google_pubsub_topic.event[var.table.dead_letter_topic].id
      max_delivery_attempts = dead_letter_policy.value
    }
  }

  lifecycle {
    ignore_changes = [push_config]
  }

  # Without the token of the push account a function refuses everything.
  depends_on = [google_service_account_iam_member.agent_signs]
}

# Where no function keeps dead letters, a subscription does: a topic without one drops what it is given.
resource "google_pubsub_subscription" "parked" {
  count = local.kept ? 0 : 1

  project                    = var.project_id
  name                       = "${var.table.dead_letter_topic}.parked"
  topic                      = google_pubsub_topic.event[var.table.dead_letter_topic].id
  message_retention_duration = "2678400s"

  expiration_policy {
    ttl = ""
  }
}

# A subscription's dead-letter policy is Pub/Sub's own doing, and needs both of these grants; without them it does nothing.
resource "google_pubsub_topic_iam_member" "agent_buries" {
  project = var.project_id
  topic   = google_pubsub_topic.event[var.table.dead_letter_topic].name
  role    = "roles/pubsub.publisher"
  member  = local.agent
}

resource "google_pubsub_subscription_iam_member" "agent_acknowledges" {
  for_each = local.given_up

  project      = var.project_id
  subscription = google_pubsub_subscription.push[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local.agent
}
