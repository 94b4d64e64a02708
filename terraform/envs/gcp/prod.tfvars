# Production: it does not sleep, refuses to be destroyed, and has standbys. Put your own values where it says so.
env             = "prod"
project_id      = "your-project"
project_number  = "000000000000"
gateway_domain  = "example.org"
billing_account = "000000-000000-000000"

data_tier           = "replicated"
deletion_protection = true

cpu_pool = { min = 2, max = 10 }
gpu_pool = { max = 4 }

monthly_budget_usd = 2000
alert_email        = "you@example.org"
