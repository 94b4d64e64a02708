# A budget only sends mail. What holds are gpu_pool.max, cpu_pool.max and the project's quotas.

resource "google_monitoring_notification_channel" "budget" {
  count = var.monthly_budget_usd == null ? 0 : 1

  project      = var.project_id
  display_name = "${local.prefix}: budget"
  type         = "email"
  labels       = { email_address = var.alert_email }

  depends_on = [google_project_service.api]
}

resource "google_billing_budget" "this" {
  count = var.monthly_budget_usd == null ? 0 : 1

  billing_account = var.billing_account
  display_name    = local.prefix

  budget_filter {
    projects = ["projects/${var.project_number}"]
  }

  amount {
    specified_amount {
      currency_code = "USD"
      units         = tostring(floor(var.monthly_budget_usd))
    }
  }

  threshold_rules {
    threshold_percent = 0.5
  }
  threshold_rules {
    threshold_percent = 1.0
    spend_basis       = "FORECASTED_SPEND"
  }

  all_updates_rule {
    monitoring_notification_channels = [google_monitoring_notification_channel.budget[0].id]
  }
}
