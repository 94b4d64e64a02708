# A development environment: asleep outside of working hours, free to be destroyed. Put your own values where it says so.
env                 = "dev"
project_id          = "your-project"
project_number      = "000000000000"
gateway_domain      = "dev.example.org"
deletion_protection = false

cpu_pool = { min = 1, max = 3, spot = true }
gpu_pool = { max = 1 }

sleep_schedule = { sleep = "19:00", wake = "07:00", time_zone = "Europe/Amsterdam" }

# billing_account    = "012345-6789AB-CDEF01"
# monthly_budget_usd = 100
# alert_email        = "you@example.org"
