output "events" {
  description = "What `modules/knative` takes as `events`: where functions publish, whose pushes they take, and outside of Google Cloud how their tokens are exchanged. Nothing secret."
  value = {
    sink                     = "pubsub://${var.project_id}"
    push_audience            = local.audience
    push_email               = google_service_account.push.email
    credential_configuration = local.credential_configuration
  }
}

output "principals" {
  description = "The identity of each function that publishes, by its Service."
  value       = local.principals
}

output "topics" {
  description = "The full name of each topic, by its own."
  value       = { for name, topic in google_pubsub_topic.event : name => topic.id }
}

output "sleeps" {
  description = "Pushes, as the root's output `sleeps` has them: the first that stops and the last that starts."
  value = {
    part   = "pushes"
    stop   = local.runs["pause"]
    start  = local.runs["resume"]
    prints = "SUCCEEDED"
    ready  = []
    shows = [{
      command = "gcloud pubsub subscriptions list --project=${var.project_id} --filter='pushConfig.pushEndpoint~[.]${var.namespace}[.]${replace(var.gateway_domain, ".", "[.]")}/' --format='value(pushConfig.pushEndpoint)'"
      asleep  = ""
      awake   = join(" ", sort(values(local.endpoints)))
    }]
  }

  precondition {
    condition     = !var.gone || alltrue([for each in google_pubsub_subscription.push : try(each.push_config[0].push_endpoint, "") == ""])
    error_message = "Subscriptions push, and what nobody takes becomes a dead letter. Before the cluster goes, they pause: gcloud workflows run ${var.name}-pause --project=${var.project_id} --location=${var.region}"
  }
}
