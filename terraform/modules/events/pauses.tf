# A subscription gives a message up after its attempts, within minutes. A cluster that sleeps would make dead letters of a
# night's events; so pushes pause before nodes stop, and resume after they are back. Gone, nothing resumes them.

locals {
  pushes = [
    for name, endpoint in local.endpoints : {
      name = "projects/${var.project_id}/subscriptions/${name}"
      pushConfig = {
        pushEndpoint = endpoint
        noWrapper    = { writeMetadata = true }
        oidcToken    = { serviceAccountEmail = google_service_account.push.email, audience = local.audience }
      }
    }
  ]

  # In this order after one another: pushes pause, nodes stop ten minutes later; nodes start, pushes resume fifteen minutes later.
  workflows = {
    pause = {
      about   = "Takes the push address from every subscription: messages wait"
      pushes  = [for push in local.pushes : { name = push.name, pushConfig = {} }]
      at      = try(var.sleep_schedule.sleep, null)
      minutes = 0
    }
    resume = {
      about   = "Gives every subscription its push address back"
      pushes  = local.pushes
      at      = try(var.sleep_schedule.wake, null)
      minutes = 15
    }
  }

  # By hand. The command waits until the workflow has ended, and ends well itself even where that failed: so it says how.
  runs = {
    for name, workflow in google_workflows_workflow.pushes :
    name => "gcloud workflows run ${workflow.name} --project=${var.project_id} --location=${var.region} --format='value(state, error.payload)'"
  }

  scheduled = { for name, each in local.workflows : name => merge(each, {
    # Minutes since midnight.
    time = tonumber(split(":", each.at)[0]) * 60 + tonumber(split(":", each.at)[1]) + each.minutes
  }) if var.sleep_schedule != null && !var.gone }
}

resource "google_service_account" "pauses" {
  project      = var.project_id
  account_id   = "${var.name}-pauses"
  display_name = "Pauses and resumes pushes"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_custom_role" "pauses" {
  project     = var.project_id
  role_id     = "${replace(var.name, "-", "_")}_pauses_${terraform_data.suffix.output}"
  title       = "${var.name}: pause and resume pushes"
  permissions = ["pubsub.subscriptions.update", "workflows.executions.create"]
}

resource "google_project_iam_member" "pauses" {
  project = var.project_id
  role    = google_project_iam_custom_role.pauses.name
  member  = google_service_account.pauses.member
}

# Who names an account in a push address must be able to act as it.
resource "google_service_account_iam_member" "pauses_name_the_push_account" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.pauses.member
}

resource "google_workflows_workflow" "pushes" {
  for_each = local.workflows

  project             = var.project_id
  region              = var.region
  name                = "${var.name}-${each.key}"
  description         = each.value.about
  service_account     = google_service_account.pauses.id
  deletion_protection = false
  source_contents     = templatefile("${path.module}/pushes.workflow.yaml.tftpl", { pushes = jsonencode(each.value.pushes) })

  depends_on = [google_project_service.api]
}

resource "google_cloud_scheduler_job" "pushes" {
  for_each = local.scheduled

  project     = var.project_id
  region      = var.region
  name        = "${var.name}-${each.key}"
  description = each.value.about
  schedule    = "${each.value.time % 60} ${floor(each.value.time / 60)} * * ${join(",", var.sleep_schedule.days)}"
  time_zone   = var.sleep_schedule.time_zone

  http_target {
    http_method = "POST"
    uri         = "https://workflowexecutions.googleapis.com/v1/${google_workflows_workflow.pushes[each.key].id}/executions"
    body        = base64encode("{}")

    oauth_token {
      service_account_email = google_service_account.pauses.email
    }
  }

  retry_config {
    retry_count = 3
  }
}
