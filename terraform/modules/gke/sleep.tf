# Asleep, there are no nodes and the database is stopped; the control plane, disks and Redis stay. The autoscaler has to be
# taken off a pool first: it would bring nodes back for Knative's pods.

locals {
  pools = concat(
    [{ name = google_container_node_pool.cpu.id, size = var.cpu_pool.min, max = var.cpu_pool.max }],
    [for pool in google_container_node_pool.gpu : { name = pool.id, size = var.gpu_pool.min, max = var.gpu_pool.max }],
  )

  # modules/events pauses pushes at the time of `sleep`, and resumes them a quarter of an hour after `wake`.
  states = {
    sleep = { about = "Takes nodes away and stops the database", at = try(var.sleep_schedule.sleep, null), minutes = 10 }
    wake  = { about = "Starts the database and brings nodes back", at = try(var.sleep_schedule.wake, null), minutes = 0 }
  }

  # By hand. The command waits until the workflow has ended, and ends well itself even where that failed: so it says how.
  runs = {
    for name, workflow in google_workflows_workflow.state :
    name => "gcloud workflows run ${workflow.name} --project=${var.project_id} --location=${var.region} --format='value(state, error.payload)'"
  }
  of_cluster = "--cluster=${google_container_cluster.this.name} --project=${var.project_id} --location=${var.zone}"

  scheduled = {
    for name, state in local.states : name => merge(state, {
      # Minutes since midnight.
      time = tonumber(split(":", state.at)[0]) * 60 + tonumber(split(":", state.at)[1]) + state.minutes
    }) if var.sleep_schedule != null
  }
}

resource "google_service_account" "sleep" {
  project      = var.project_id
  account_id   = "${local.prefix}-sleep"
  display_name = "Puts ${local.prefix} to sleep and wakes it"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_custom_role" "sleep" {
  project = var.project_id
  role_id = "${replace(local.prefix, "-", "_")}_sleep_${terraform_data.suffix.output}"
  title   = "${local.prefix}: sleep and wake"
  permissions = [
    "cloudsql.instances.get", "cloudsql.instances.update",
    "container.clusters.get", "container.clusters.update", "container.operations.get",
    "workflows.executions.create",
  ]
}

resource "google_project_iam_member" "sleep" {
  project = var.project_id
  role    = google_project_iam_custom_role.sleep.name
  member  = google_service_account.sleep.member
}

resource "google_workflows_workflow" "state" {
  for_each = local.states

  project             = var.project_id
  region              = var.region
  name                = "${local.prefix}-${each.key}"
  description         = each.value.about
  service_account     = google_service_account.sleep.id
  deletion_protection = false
  labels              = local.labels

  source_contents = templatefile("${path.module}/${each.key}.workflow.yaml.tftpl", {
    project  = var.project_id
    database = google_sql_database_instance.this.name
    pools    = jsonencode(local.pools)
  })

  depends_on = [google_project_service.api]
}

resource "google_cloud_scheduler_job" "state" {
  for_each = local.scheduled

  project     = var.project_id
  region      = var.region
  name        = "${local.prefix}-${each.key}"
  description = each.value.about
  schedule    = "${each.value.time % 60} ${floor(each.value.time / 60)} * * ${join(",", var.sleep_schedule.days)}"
  time_zone   = var.sleep_schedule.time_zone

  http_target {
    http_method = "POST"
    uri         = "https://workflowexecutions.googleapis.com/v1/${google_workflows_workflow.state[each.key].id}/executions"
    body        = base64encode("{}")

    oauth_token {
      service_account_email = google_service_account.sleep.email
    }
  }

  retry_config {
    retry_count = 3
  }
}
