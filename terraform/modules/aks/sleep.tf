# Asleep, the control plane, nodes, the database and the gateway are stopped; disks, Redis and the network stay. Two
# workflows do it at their times, as an identity that may start and stop and nothing else.

locals {
  # In the order in which they stop by hand; they start the other way round.
  parts = [for part in ["gateway", "cluster", "postgres"] : part if part != "gateway" || length(local.host) > 0]

  stopped = {
    for part, each in {
      cluster  = { kind = "ContainerService/managedClusters", name = azurerm_kubernetes_cluster.this.name, command = "az aks", state = "powerState.code", awake = "Running", api = "2025-05-01" }
      postgres = { kind = "DBforPostgreSQL/flexibleServers", name = azurerm_postgresql_flexible_server.this.name, command = "az postgres flexible-server", state = "state", awake = "Ready", api = "2024-08-01" }
      gateway  = { kind = "Network/applicationGateways", name = try(azurerm_application_gateway.this[0].name, ""), command = "az network application-gateway", state = "operationalState", awake = "Running", api = "2024-05-01" }
      } : part => merge(each, {
        of  = "--subscription ${var.subscription_id} --resource-group ${var.resource_group.name} --name ${each.name}"
        url = "https://management.azure.com${var.resource_group.id}/providers/Microsoft.${each.kind}/${each.name}"
    })
  }

  # modules/events pauses pushes at the time of `sleep`, and resumes them a quarter of an hour after `wake`.
  states = var.sleep_schedule == null ? {} : {
    sleep = { verb = "stop", at = var.sleep_schedule.sleep, minutes = 10 }
    wake  = { verb = "start", at = var.sleep_schedule.wake, minutes = 0 }
  }
  scheduled = {
    for name, state in local.states : name => merge(state, {
      # Minutes since midnight.
      time = tonumber(split(":", state.at)[0]) * 60 + tonumber(split(":", state.at)[1]) + state.minutes
    })
  }
  steps = {
    for step in setproduct(keys(local.states), local.parts) : "${step[0]} ${step[1]}" => { state = step[0], part = step[1] }
  }

  days = { MON = "Monday", TUE = "Tuesday", WED = "Wednesday", THU = "Thursday", FRI = "Friday", SAT = "Saturday", SUN = "Sunday" }

  # Workflows have Windows' names of time zones.
  time_zones = {
    "Etc/UTC"             = "UTC"
    "UTC"                 = "UTC"
    "Europe/London"       = "GMT Standard Time"
    "Europe/Dublin"       = "GMT Standard Time"
    "Europe/Lisbon"       = "GMT Standard Time"
    "Europe/Amsterdam"    = "W. Europe Standard Time"
    "Europe/Berlin"       = "W. Europe Standard Time"
    "Europe/Oslo"         = "W. Europe Standard Time"
    "Europe/Rome"         = "W. Europe Standard Time"
    "Europe/Stockholm"    = "W. Europe Standard Time"
    "Europe/Vienna"       = "W. Europe Standard Time"
    "Europe/Zurich"       = "W. Europe Standard Time"
    "Europe/Brussels"     = "Romance Standard Time"
    "Europe/Copenhagen"   = "Romance Standard Time"
    "Europe/Madrid"       = "Romance Standard Time"
    "Europe/Paris"        = "Romance Standard Time"
    "Europe/Prague"       = "Central Europe Standard Time"
    "Europe/Warsaw"       = "Central European Standard Time"
    "Europe/Athens"       = "GTB Standard Time"
    "Europe/Helsinki"     = "FLE Standard Time"
    "America/New_York"    = "Eastern Standard Time"
    "America/Chicago"     = "Central Standard Time"
    "America/Denver"      = "Mountain Standard Time"
    "America/Los_Angeles" = "Pacific Standard Time"
    "America/Sao_Paulo"   = "E. South America Standard Time"
    "Asia/Kolkata"        = "India Standard Time"
    "Asia/Singapore"      = "Singapore Standard Time"
    "Asia/Shanghai"       = "China Standard Time"
    "Asia/Tokyo"          = "Tokyo Standard Time"
    "Asia/Seoul"          = "Korea Standard Time"
    "Australia/Sydney"    = "AUS Eastern Standard Time"
  }
}

resource "azurerm_user_assigned_identity" "sleep" {
  count = length(local.states) > 0 ? 1 : 0

  name                = "${local.prefix}-sleep"
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  tags                = local.tags
}

resource "azurerm_role_definition" "sleep" {
  count = length(local.states) > 0 ? 1 : 0

  name        = "${local.prefix}-${terraform_data.suffix.output} sleep and wake"
  scope       = var.resource_group.id
  description = "Stops and starts the cluster, the database and the gateway of ${local.prefix}"

  permissions {
    actions = [
      "Microsoft.ContainerService/managedClusters/read", "Microsoft.ContainerService/managedClusters/start/action",
      "Microsoft.ContainerService/managedClusters/stop/action",
      "Microsoft.DBforPostgreSQL/flexibleServers/read", "Microsoft.DBforPostgreSQL/flexibleServers/start/action",
      "Microsoft.DBforPostgreSQL/flexibleServers/stop/action",
      "Microsoft.Network/applicationGateways/read", "Microsoft.Network/applicationGateways/start/action",
      "Microsoft.Network/applicationGateways/stop/action",
    ]
  }

  assignable_scopes = [var.resource_group.id]
}

resource "azurerm_role_assignment" "sleep" {
  count = length(local.states) > 0 ? 1 : 0

  scope              = var.resource_group.id
  role_definition_id = azurerm_role_definition.sleep[0].role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.sleep[0].principal_id
  principal_type     = "ServicePrincipal"
}

resource "azurerm_logic_app_workflow" "state" {
  for_each = local.scheduled

  name                = "${local.prefix}-${each.key}"
  location            = var.resource_group.location
  resource_group_name = var.resource_group.name
  tags                = local.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.sleep[0].id]
  }
}

resource "azurerm_logic_app_trigger_recurrence" "state" {
  for_each = local.scheduled

  name         = "schedule"
  logic_app_id = azurerm_logic_app_workflow.state[each.key].id
  frequency    = "Week"
  interval     = 1
  time_zone    = lookup(local.time_zones, var.sleep_schedule.time_zone, null)

  schedule {
    at_these_hours   = [floor(each.value.time / 60)]
    at_these_minutes = [each.value.time % 60]
    on_these_days    = [for day in var.sleep_schedule.days : local.days[day]]
  }

  lifecycle {
    precondition {
      condition     = contains(keys(local.time_zones), var.sleep_schedule.time_zone)
      error_message = "sleep_schedule.time_zone has no name in Azure's workflows that is known here; one of ${join(", ", keys(local.time_zones))}."
    }
  }
}

# All at once: what starts before its database is asked again. The answer that Azure has begun is enough, because to ask
# how it goes on would take a right in the whole subscription.
resource "azurerm_logic_app_action_custom" "state" {
  for_each = local.steps

  name         = each.value.part
  logic_app_id = azurerm_logic_app_workflow.state[each.value.state].id

  body = jsonencode({
    type             = "Http"
    operationOptions = "DisableAsyncPattern"
    runAfter         = {}
    inputs = {
      method = "POST"
      uri    = "${local.stopped[each.value.part].url}/${local.scheduled[each.value.state].verb}?api-version=${local.stopped[each.value.part].api}"
      authentication = {
        type     = "ManagedServiceIdentity"
        identity = azurerm_user_assigned_identity.sleep[0].id
        audience = "https://management.azure.com/"
      }
    }
  })

  depends_on = [azurerm_role_assignment.sleep]
}
