# Production: private, it does not sleep, refuses to be destroyed, and has standbys. Put your own values where it says so.
env             = "prod"
subscription_id = "00000000-0000-0000-0000-000000000000"
tenant_id       = "00000000-0000-0000-0000-000000000000"
admin_group_id  = "00000000-0000-0000-0000-000000000000"
project_id      = "your-project"
project_number  = "000000000000"
gateway_domain  = "example.org"

gateway_certificate = {
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/your-group/providers/Microsoft.KeyVault/vaults/your-vault"
  secret_id    = "https://your-vault.vault.azure.net/secrets/your-certificate"
}

data_tier           = "replicated"
deletion_protection = true

cpu_pool = { min = 2, max = 10 }
gpu_pool = { max = 4 }

monthly_budget_usd = 2000
alert_email        = "you@example.org"
