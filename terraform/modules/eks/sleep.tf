# Asleep, there are no nodes and the database is stopped; the control plane, Redis and the way out stay, and cost. What
# would bring nodes back, the autoscaler, runs on the nodes itself.

locals {
  pools = merge(
    { cpu = { name = aws_eks_node_group.cpu.node_group_name, min = var.cpu_pool.min, max = var.cpu_pool.max } },
    { for pool in aws_eks_node_group.gpu : "gpu" => { name = pool.node_group_name, min = var.gpu_pool.min, max = var.gpu_pool.max } },
  )

  # modules/events pauses pushes at the time of `sleep`, and resumes them a quarter of an hour after `wake`.
  states = {
    sleep = { at = try(var.sleep_schedule.sleep, null), minutes = 10, database = "stop" }
    wake  = { at = try(var.sleep_schedule.wake, null), minutes = 0, database = "start" }
  }

  # A pool's size is one of its own while awake, and none while asleep; EKS takes no most of 0.
  sizes = {
    for state in keys(local.states) : state => {
      for name, pool in local.pools : name => {
        minSize     = state == "wake" ? pool.min : 0
        desiredSize = state == "wake" ? pool.min : 0
        maxSize     = pool.max
      }
    }
  }

  # By hand, one after the other: nodes stop first, the database starts first.
  here       = "--region ${var.region}"
  database   = "${local.here} --db-instance-identifier ${aws_db_instance.this.identifier}"
  interfaces = "aws ec2 describe-network-interfaces ${local.here} --filters Name=vpc-id,Values=${aws_vpc.this.id}"
  groups = {
    for name, pool in local.pools : name => "${local.here} --cluster-name ${aws_eks_cluster.this.name} --nodegroup-name ${pool.name}"
  }
  resize = {
    for state, sizes in local.sizes : state => {
      for name, size in sizes : name => join(" ", [
        "aws eks update-nodegroup-config ${local.groups[name]}",
        "--scaling-config ${join(",", [for key, number in size : "${key}=${number}"])}",
      ])
    }
  }

  sleeps = concat(
    [for name, pool in local.pools : {
      part   = "${name} nodes"
      stop   = local.resize["sleep"][name]
      start  = local.resize["wake"][name]
      prints = null
      ready  = ["aws eks wait nodegroup-active ${local.groups[name]}"]
      # A pool that has no nodes of its own while awake shows nothing.
      shows = pool.min == 0 ? [] : [{
        command = "aws eks describe-nodegroup ${local.groups[name]} --query nodegroup.scalingConfig.minSize --output text"
        asleep  = "0"
        awake   = tostring(pool.min)
      }]
    }],
    [{
      part   = "database"
      stop   = "aws rds stop-db-instance ${local.database}"
      start  = "aws rds start-db-instance ${local.database}"
      prints = null
      ready  = ["aws rds wait db-instance-available ${local.database}"]
      shows = [{
        command = "aws rds describe-db-instances ${local.database} --query 'DBInstances[0].DBInstanceStatus' --output text"
        asleep  = "stopped"
        awake   = "available"
      }]
    }],
  )

  # What the scheduler calls, each by itself: AWS' own API by its name, and its input.
  calls = merge([
    for state, each in local.states : merge(
      { for name, pool in local.pools : "${state}-${name}" => {
        state  = state
        target = "eks:updateNodegroupConfig"
        input  = { ClusterName = aws_eks_cluster.this.name, NodegroupName = pool.name, ScalingConfig = { for key, size in local.sizes[state][name] : title(key) => size } }
      } },
      { "${state}-database" = {
        state  = state
        target = "rds:${each.database}DBInstance"
        input  = { DbInstanceIdentifier = aws_db_instance.this.identifier }
      } },
    )
  ]...)

  # Minutes since midnight.
  times = var.sleep_schedule == null ? {} : {
    for state, each in local.states : state => tonumber(split(":", each.at)[0]) * 60 + tonumber(split(":", each.at)[1]) + each.minutes
  }
}

# By name, not by what AWS says: or whatever changes of the database would seem to change this.
data "aws_iam_policy_document" "sleep" {
  statement {
    actions   = ["eks:UpdateNodegroupConfig"]
    resources = ["arn:aws:eks:${var.region}:${var.account_id}:nodegroup/${local.prefix}/*"]
  }
  statement {
    actions   = ["rds:StartDBInstance", "rds:StopDBInstance"]
    resources = ["arn:aws:rds:${var.region}:${var.account_id}:db:${local.prefix}"]
  }
}

resource "aws_iam_role" "sleep" {
  name               = "${local.prefix}-sleep"
  assume_role_policy = local.trust["scheduler"]
  tags               = local.tags
}

resource "aws_iam_role_policy" "sleep" {
  name   = "sleep-and-wake"
  role   = aws_iam_role.sleep.id
  policy = data.aws_iam_policy_document.sleep.json
}

resource "aws_scheduler_schedule" "state" {
  # checkov:skip=CKV_AWS_297: a schedule holds names and sizes, nothing to keep from anybody; AWS encrypts it with a key of its own.
  for_each = { for name, call in local.calls : name => call if var.sleep_schedule != null }

  name                         = "${local.prefix}-${each.key}"
  schedule_expression          = "cron(${local.times[each.value.state] % 60} ${floor(local.times[each.value.state] / 60)} ? * ${join(",", var.sleep_schedule.days)} *)"
  schedule_expression_timezone = var.sleep_schedule.time_zone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:${each.value.target}"
    role_arn = aws_iam_role.sleep.arn
    input    = jsonencode(each.value.input)

    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 1800
    }
  }
}
