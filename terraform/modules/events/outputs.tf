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

output "pause_command" {
  description = "Pauses pushes."
  value       = "gcloud workflows run ${google_workflows_workflow.pushes["pause"].name} --project=${var.project_id} --location=${var.region}"
}

output "resume_command" {
  description = "Resumes pushes."
  value       = "gcloud workflows run ${google_workflows_workflow.pushes["resume"].name} --project=${var.project_id} --location=${var.region}"
}
