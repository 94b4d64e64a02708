# A budget only sends mail. What holds are gpu_pool.max, cpu_pool.max and the subscription's quotas. Nodes are in a group of
# their own, so it is one of the subscription that looks at both groups.

resource "azurerm_consumption_budget_subscription" "this" {
  count = var.monthly_budget_usd == null ? 0 : 1

  name            = local.prefix
  subscription_id = "/subscriptions/${var.subscription_id}"
  amount          = var.monthly_budget_usd
  time_grain      = "Monthly"

  filter {
    dimension {
      name   = "ResourceGroupName"
      values = [var.resource_group.name, azurerm_kubernetes_cluster.this.node_resource_group]
    }
  }

  # Azure takes no month that has gone by, so that it begins with the one in which it is made.
  time_period {
    start_date = formatdate("YYYY-MM-01'T'00:00:00'Z'", plantimestamp())
  }

  notification {
    threshold      = 50
    threshold_type = "Actual"
    operator       = "GreaterThan"
    contact_emails = [var.alert_email]
  }
  notification {
    threshold      = 100
    threshold_type = "Forecasted"
    operator       = "GreaterThan"
    contact_emails = [var.alert_email]
  }

  lifecycle {
    ignore_changes = [time_period]
  }
}
