# What the variables of every cluster and every root take and refuse.

variables {
  env            = "dev"
  gateway_domain = "dev.example.org"
}

run "the_defaults_are_taken" {
  command = plan
}

run "a_name_that_clouds_refuse" {
  command = plan
  variables { name = "Renga_" }
  expect_failures = [var.name]
}

run "a_name_that_is_too_long" {
  command = plan
  variables { name = "renga-of-many" }
  expect_failures = [var.name]
}

run "an_environment_that_is_no_name" {
  command = plan
  variables { env = "dev 1" }
  expect_failures = [var.env]
}

run "no_node_for_knative" {
  command = plan
  variables { cpu_pool = { min = 0 } }
  expect_failures = [var.cpu_pool]
}

run "fewer_nodes_than_the_least" {
  command = plan
  variables { cpu_pool = { min = 4, max = 3 } }
  expect_failures = [var.cpu_pool]
}

run "a_gpu_that_nobody_uses" {
  command = plan
  variables { gpu_pool = { min = 1 } }
  expect_failures = [var.gpu_pool]
}

run "a_gpu_that_nobody_uses_knowingly" {
  command = plan
  variables {
    gpu_pool       = { min = 1 }
    allow_idle_gpu = true
  }
}

run "nine_gpus" {
  command = plan
  variables { gpu_pool = { max = 9 } }
  expect_failures = [var.gpu_pool]
}

run "nine_gpus_knowingly" {
  command = plan
  variables {
    gpu_pool        = { max = 9 }
    gpu_nodes_limit = 9
  }
}

run "fewer_gpus_than_none" {
  command = plan
  variables { gpu_pool = { min = -1 } }
  expect_failures = [var.gpu_pool]
}

run "a_tier_that_is_none" {
  command = plan
  variables { data_tier = "large" }
  expect_failures = [var.data_tier]
}

run "prod_without_protection" {
  command = plan
  variables {
    env                 = "prod"
    deletion_protection = false
  }
  expect_failures = [var.deletion_protection]
}

run "dev_without_protection" {
  command = plan
  variables { deletion_protection = false }
}

run "an_endpoint_for_everybody" {
  command = plan
  variables { public_endpoint_cidrs = ["0.0.0.0/0"] }
  expect_failures = [var.public_endpoint_cidrs]
}

run "an_endpoint_for_half_of_everybody" {
  command = plan
  variables { public_endpoint_cidrs = ["0.0.0.0/1", "128.0.0.0/1"] }
  expect_failures = [var.public_endpoint_cidrs]
}

run "an_endpoint_for_no_block" {
  command = plan
  variables { public_endpoint_cidrs = ["office"] }
  expect_failures = [var.public_endpoint_cidrs]
}

run "an_endpoint_for_an_office" {
  command = plan
  variables { public_endpoint_cidrs = ["203.0.113.0/24"] }
}

run "a_budget_that_tells_nobody" {
  command = plan
  variables { monthly_budget_usd = 100 }
  expect_failures = [var.alert_email]
}

run "a_budget_of_nothing" {
  command = plan
  variables {
    monthly_budget_usd = 0
    alert_email        = "ops@example.org"
  }
  expect_failures = [var.monthly_budget_usd]
}

run "a_budget_that_tells_no_address" {
  command = plan
  variables {
    monthly_budget_usd = 100
    alert_email        = "ops"
  }
  expect_failures = [var.alert_email]
}

run "a_budget" {
  command = plan
  variables {
    monthly_budget_usd = 100
    alert_email        = "ops@example.org"
  }
}

run "sleeping_at_no_time" {
  command = plan
  variables { sleep_schedule = { sleep = "7pm", wake = "07:00" } }
  expect_failures = [var.sleep_schedule]
}

run "sleeping_over_midnight" {
  command = plan
  variables { sleep_schedule = { sleep = "23:30", wake = "07:00" } }
  expect_failures = [var.sleep_schedule]
}

run "sleeping_on_no_day" {
  command = plan
  variables { sleep_schedule = { sleep = "19:00", wake = "07:00", days = ["Monday"] } }
  expect_failures = [var.sleep_schedule]
}

run "prod_that_sleeps" {
  command = plan
  variables {
    env            = "prod"
    sleep_schedule = { sleep = "19:00", wake = "07:00" }
  }
  expect_failures = [var.sleep_schedule]
}

run "dev_that_sleeps" {
  command = plan
  variables { sleep_schedule = { sleep = "19:00", wake = "07:00" } }
}

run "pubsub_that_cannot_push" {
  command = plan
  variables { gateway_domain = null }
  expect_failures = [var.gateway_domain]
}

run "the_broker_of_the_cluster_without_a_domain" {
  command = plan
  variables {
    broker         = "knative"
    gateway_domain = null
  }
}

run "a_broker_that_is_none" {
  command = plan
  variables { broker = "kafka" }
  expect_failures = [var.broker]
}

run "a_caller_that_is_no_address" {
  command = plan
  variables { callers = ["ops"] }
  expect_failures = [var.callers]
}
