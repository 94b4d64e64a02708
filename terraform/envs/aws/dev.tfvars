# A development environment: asleep outside of working hours, free to be destroyed. Put your own values where it says so.
env                 = "dev"
account_id          = "000000000000"
admins              = ["arn:aws:iam::000000000000:role/your-role"]
project_id          = "your-project"
project_number      = "000000000000"
gateway_domain      = "dev.example.org"
certificate_arn     = "arn:aws:acm:eu-central-1:000000000000:certificate/00000000-0000-0000-0000-000000000000"
deletion_protection = false

# Terraform has to reach the Kubernetes API: your own address, or none here and a machine in the network.
public_endpoint_cidrs = ["203.0.113.0/24"]

cpu_pool = { min = 1, max = 3, spot = true }
gpu_pool = { max = 1 }

sleep_schedule = { sleep = "19:00", wake = "07:00", time_zone = "Europe/Amsterdam" }

# monthly_budget_usd = 200
# alert_email        = "you@example.org"
