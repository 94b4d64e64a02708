# A development environment: asleep outside of working hours, free to be destroyed. Put your own values where it says so.
env                 = "dev"
subscription_id     = "00000000-0000-0000-0000-000000000000"
tenant_id           = "00000000-0000-0000-0000-000000000000"
admin_group_id      = "00000000-0000-0000-0000-000000000000"
project_id          = "your-project"
project_number      = "000000000000"
gateway_domain      = "dev.example.org"
deletion_protection = false

gateway_certificate = {
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/your-group/providers/Microsoft.KeyVault/vaults/your-vault"
  secret_id    = "https://your-vault.vault.azure.net/secrets/your-certificate"
}

# From where you apply and push images; without it, only from within the network.
public_endpoint_cidrs = ["203.0.113.7/32"]

cpu_pool = { min = 1, max = 3 }
gpu_pool = { max = 1 }

sleep_schedule = { sleep = "19:00", wake = "07:00", time_zone = "Europe/Amsterdam" }

# monthly_budget_usd = 100
# alert_email        = "you@example.org"
