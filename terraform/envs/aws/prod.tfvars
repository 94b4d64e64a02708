# Production: it does not sleep, refuses to be destroyed, and has standbys. Put your own values where it says so.
env             = "prod"
account_id      = "000000000000"
admins          = ["arn:aws:iam::000000000000:role/your-role"]
project_id      = "your-project"
project_number  = "000000000000"
gateway_domain  = "example.org"
certificate_arn = "arn:aws:acm:eu-central-1:000000000000:certificate/00000000-0000-0000-0000-000000000000"
# From https://truststore.pki.rds.amazonaws.com/eu-central-1/eu-central-1-bundle.pem, put here.
database_ca_file = "eu-central-1-bundle.pem"

zones               = ["a", "b", "c"]
data_tier           = "replicated"
deletion_protection = true

cpu_pool = { min = 2, max = 10 }
gpu_pool = { max = 4 }

monthly_budget_usd = 3000
alert_email        = "you@example.org"
