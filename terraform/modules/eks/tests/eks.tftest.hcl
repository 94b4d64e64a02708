mock_provider "aws" {
  source = "../../mocks/aws"
}

variables {
  env                = "dev"
  account_id         = "123456789012"
  kubernetes_version = "1.34"
  key_arn            = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
  admins             = ["arn:aws:iam::123456789012:role/admin"]
  functions          = ["schema-parse", "schema-submit"]
}

run "as_it_is_by_default" {
  command = plan

  assert {
    condition = alltrue([
      aws_eks_node_group.gpu[0].scaling_config[0].min_size == 0, aws_eks_node_group.gpu[0].scaling_config[0].desired_size == 0,
      aws_eks_node_group.gpu[0].scaling_config[0].max_size == 1,
    ])
    error_message = "The GPU pool begins and may end with no node, and is bounded."
  }
  assert {
    condition     = one(aws_eks_node_group.gpu[0].taint) == { key = "nvidia.com/gpu", value = "present", effect = "NO_SCHEDULE" }
    error_message = "A node with a GPU keeps everything away that does not ask for one."
  }
  assert {
    condition     = aws_eks_node_group.gpu[0].labels["accelerator"] == "nvidia"
    error_message = "One selector fits all clouds: accelerator=nvidia."
  }
  assert {
    condition     = aws_eks_node_group.gpu[0].capacity_type == "SPOT" && length(aws_eks_node_group.gpu[0].instance_types) > 1
    error_message = "GPUs are spot, of any of several sizes."
  }
  assert {
    condition     = aws_eks_node_group.gpu[0].ami_type == "BOTTLEROCKET_x86_64_NVIDIA" && aws_eks_node_group.cpu.ami_type == "AL2023_x86_64_STANDARD"
    error_message = "Nodes with GPUs bring the driver and the device plugin."
  }
  assert {
    condition = alltrue([for template in aws_launch_template.pool :
      template.metadata_options[0].http_tokens == "required" && template.metadata_options[0].http_put_response_hop_limit == 1 &&
      tobool(template.block_device_mappings[0].ebs[0].encrypted) && template.block_device_mappings[0].ebs[0].volume_type == "gp3"
    ])
    error_message = "No pod reaches its node's identity, and disks are encrypted."
  }
  assert {
    condition = (
      aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access &&
      !anytrue([for subnet in concat(values(aws_subnet.nodes), values(aws_subnet.stores)) : coalesce(subnet.map_public_ip_on_launch, false)])
    )
    error_message = "Nodes have no public address, and neither has the Kubernetes API."
  }
  assert {
    condition = (
      aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions &&
      keys(aws_eks_access_policy_association.admin) == ["arn:aws:iam::123456789012:role/admin"]
    )
    error_message = "In the cluster is who is named, and nobody for having made it."
  }
  assert {
    condition     = toset(aws_eks_cluster.this.enabled_cluster_log_types) == toset(["api", "audit", "authenticator", "controllerManager", "scheduler"])
    error_message = "The control plane logs all that it can."
  }
  assert {
    condition     = keys(aws_eks_addon.before_nodes) == ["eks-pod-identity-agent", "kube-proxy", "vpc-cni"]
    error_message = "What a node needs is there before it."
  }
  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "Network policies are enforced only when the network's add-on is told to."
  }
  assert {
    condition = (
      !aws_db_instance.this.publicly_accessible && aws_db_instance.this.storage_encrypted &&
      contains([for each in aws_db_parameter_group.this.parameter : "${each.name}=${each.value}"], "rds.force_ssl=1")
    )
    error_message = "PostgreSQL is private, encrypted and speaks TLS only."
  }
  assert {
    condition = (
      aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required" &&
      tobool(aws_elasticache_replication_group.this.at_rest_encryption_enabled)
    )
    error_message = "Redis is encrypted, and speaks TLS only."
  }
  assert {
    condition = (
      aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null && aws_elasticache_replication_group.this.auth_token == null &&
      aws_elasticache_user.functions.authentication_mode[0].type == "iam" && aws_elasticache_user.functions.user_id == aws_elasticache_user.functions.user_name &&
      startswith(aws_elasticache_user.default.access_string, "off ")
    )
    error_message = "Terraform makes no password: RDS keeps its own, and Redis takes tokens of the functions' role and nothing else."
  }
  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.stores : rule.from_port]) == toset([6379, 5432])
    error_message = "Stores are reached at their ports."
  }
  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && !aws_s3_bucket.blobs.force_destroy
    error_message = "By default nothing that holds something can be destroyed."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.final_snapshot_identifier == "renga-dev-last"
    error_message = "Redis, which nothing protects, leaves a copy."
  }
  assert {
    condition = alltrue([
      length(aws_scheduler_schedule.state) == 0, length(aws_budgets_budget.this) == 0, length(aws_lb.gateway) == 0, length(aws_nat_gateway.exit) == 1,
    ])
    error_message = "What is not asked for is not made."
  }
  assert {
    condition     = keys(aws_eks_pod_identity_association.functions) == ["gateway", "schema-parse", "schema-submit"]
    error_message = "Each function has its identity, and so has the gateway."
  }
  assert {
    condition     = jsondecode(aws_iam_role.functions.assume_role_policy).Statement[0].Principal == { Service = "pods.eks.amazonaws.com" }
    error_message = "Pods get the role of the functions from EKS, and nobody else does."
  }
  assert {
    condition     = data.aws_iam_policy_document.functions.statement[0].actions == toset(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])
    error_message = "Functions read and write blobs;"
  }
  assert {
    condition = [for each in slice(data.aws_iam_policy_document.functions.statement, 3, length(data.aws_iam_policy_document.functions.statement)) : each.actions] == [
      toset(["secretsmanager:GetSecretValue"]), toset(["elasticache:Connect"]),
    ]
    error_message = "they read one password, open Redis, and may do nothing else."
  }
}

run "no_gpu_at_all" {
  command = plan
  variables { gpu_pool = { max = 0 } }

  assert {
    condition     = length(aws_eks_node_group.gpu) == 0
    error_message = "max = 0 leaves the pool out."
  }
}

run "all_that_can_be_asked_for" {
  command = apply
  variables {
    zones                 = ["a", "b", "c"]
    cpu_pool              = { machine = "m7a.xlarge", min = 2, max = 6, spot = true, disk_gb = 80 }
    gpu_pool              = { machine = "g4dn.xlarge", max = 3, spot = false }
    public_endpoint_cidrs = ["203.0.113.0/24"]
    deletion_protection   = false
    data_tier             = "replicated"
    sleep_schedule        = { sleep = "18:55", wake = "06:30", days = ["MON", "FRI"], time_zone = "Europe/Amsterdam" }
    monthly_budget_usd    = 150
    alert_email           = "ops@example.org"
    gateway_domain        = "dev.example.org"
    certificate_arn       = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
    database_ca           = "-----BEGIN CERTIFICATE-----\nrds\n-----END CERTIFICATE-----"
  }

  assert {
    condition = (
      aws_eks_node_group.cpu.instance_types == tolist(["m7a.xlarge"]) && aws_eks_node_group.cpu.capacity_type == "SPOT" &&
      aws_eks_node_group.cpu.scaling_config[0].min_size == 2 && aws_eks_node_group.cpu.scaling_config[0].max_size == 6 &&
      aws_launch_template.pool["cpu"].block_device_mappings[0].ebs[0].volume_size == 80
    )
    error_message = "The CPU pool is as asked for."
  }
  assert {
    condition     = aws_eks_node_group.gpu[0].instance_types == tolist(["g4dn.xlarge"]) && aws_eks_node_group.gpu[0].capacity_type == "ON_DEMAND"
    error_message = "The GPU pool is as asked for."
  }
  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_public_access && aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "The API's address is open to these blocks and to no others."
  }
  assert {
    condition = alltrue([
      !aws_db_instance.this.deletion_protection, aws_db_instance.this.skip_final_snapshot, aws_s3_bucket.blobs.force_destroy,
      !aws_lb.gateway[0].enable_deletion_protection,
      aws_elasticache_replication_group.this.final_snapshot_identifier == null,
    ])
    error_message = "With deletion_protection = false, everything can be destroyed."
  }
  assert {
    condition = (
      aws_db_instance.this.multi_az && aws_elasticache_replication_group.this.num_cache_clusters == 2 &&
      aws_elasticache_replication_group.this.automatic_failover_enabled && length(aws_nat_gateway.exit) == 3
    )
    error_message = "replicated means a standby of both, and a way out of each zone."
  }
  assert {
    condition     = keys(aws_scheduler_schedule.state) == ["sleep-cpu", "sleep-database", "sleep-gpu", "wake-cpu", "wake-database", "wake-gpu"]
    error_message = "Each pool and the database sleep and wake."
  }
  assert {
    condition = (
      aws_scheduler_schedule.state["sleep-cpu"].schedule_expression == "cron(5 19 ? * MON,FRI *)" &&
      aws_scheduler_schedule.state["wake-cpu"].schedule_expression == "cron(30 6 ? * MON,FRI *)" &&
      alltrue([for each in aws_scheduler_schedule.state : each.schedule_expression_timezone == "Europe/Amsterdam"])
    )
    error_message = "Nodes stop ten minutes after pushes pause, and start when it is time to wake, in the schedule's zone."
  }
  assert {
    condition = jsondecode(aws_scheduler_schedule.state["sleep-cpu"].target[0].input) == {
      ClusterName = "renga-dev", NodegroupName = "cpu", ScalingConfig = { MinSize = 0, DesiredSize = 0, MaxSize = 6 }
    }
    error_message = "Asleep, the pool has no nodes."
  }
  assert {
    condition     = jsondecode(aws_scheduler_schedule.state["wake-cpu"].target[0].input).ScalingConfig == { MinSize = 2, DesiredSize = 2, MaxSize = 6 }
    error_message = "Awake, the pool is what it was."
  }
  assert {
    condition = (
      aws_scheduler_schedule.state["sleep-database"].target[0].arn == "arn:aws:scheduler:::aws-sdk:rds:stopDBInstance" &&
      aws_scheduler_schedule.state["wake-database"].target[0].arn == "arn:aws:scheduler:::aws-sdk:rds:startDBInstance" &&
      jsondecode(aws_scheduler_schedule.state["wake-database"].target[0].input) == { DbInstanceIdentifier = "renga-dev" }
    )
    error_message = "The database is stopped and started by its name."
  }
  assert {
    condition = output.sleeps[*].stop == [
      "aws eks update-nodegroup-config --region eu-central-1 --cluster-name renga-dev --nodegroup-name cpu --scaling-config desiredSize=0,maxSize=6,minSize=0",
      "aws eks update-nodegroup-config --region eu-central-1 --cluster-name renga-dev --nodegroup-name gpu --scaling-config desiredSize=0,maxSize=3,minSize=0",
      "aws rds stop-db-instance --region eu-central-1 --db-instance-identifier renga-dev",
    ]
    error_message = "Sleeping by hand is what the schedule does."
  }
  assert {
    condition     = [for part in output.sleeps : [for show in part.shows : "${show.asleep} ${show.awake}"]] == [["0 2"], [], ["stopped available"]]
    error_message = "What is asleep shows it; a pool that has no nodes while awake either shows nothing."
  }
  assert {
    condition = (
      aws_budgets_budget.this[0].limit_amount == "150" &&
      { for each in aws_budgets_budget.this[0].notification : each.notification_type => each.threshold } == { ACTUAL = 50, FORECASTED = 100 } &&
      alltrue([for each in aws_budgets_budget.this[0].notification : each.subscriber_email_addresses == toset(["ops@example.org"])])
    )
    error_message = "Mail is sent at half of the budget, and when the month is forecast to exceed it."
  }
  assert {
    condition     = output.oidc_issuer == "https://oidc.eks.eu-central-1.amazonaws.com/id/0A1B2C3D4E5F0A1B2C3D4E5F0A1B2C3D"
    error_message = "The issuer is the cluster's own."
  }
  assert {
    condition     = startswith(output.ca, "-----BEGIN CERTIFICATE-----")
    error_message = "The certificate is PEM."
  }
  assert {
    condition = toset(output.stores.egress) == toset(concat(
      flatten([for cidr in ["10.0.16.0/24", "10.0.17.0/24", "10.0.18.0/24"] : [{ cidr = cidr, port = 5432 }, { cidr = cidr, port = 6379 }]]),
      [{ cidr = "169.254.170.23/32", port = 80 }],
    ))
    error_message = "Functions may reach the stores' networks, and the agent that gives them their identity."
  }
  assert {
    condition     = output.stores.settings == { "blobs-url" = "s3://123456789012-renga-dev-blobs" } && keys(output.stores.certificates) == tolist(["postgres-ca.pem"])
    error_message = "Functions are told where blobs go, and who signs PostgreSQL's certificate."
  }
  assert {
    condition     = nonsensitive(output.redis_url) == "rediss://renga-dev-functions@master.renga-dev.0a1b2c.euc1.cache.amazonaws.com:6379/0"
    error_message = "Redis is spoken to over TLS, as a user without a password."
  }
  assert {
    condition     = nonsensitive(output.postgres_url) == "postgresql://renga:arn%3Aaws%3Asecretsmanager%3Aeu-central-1%3A123456789012%3Asecret%3Ards%21db-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f-x1Y2z3@renga-dev.0a1b2c3d4e5f.eu-central-1.rds.amazonaws.com:5432/renga?sslmode=verify-full&sslrootcert=/etc/renga/stores/postgres-ca.pem"
    error_message = "PostgreSQL has to show who it is, and its URL says where the password is, not what it is."
  }
  assert {
    condition     = output.gateway == { service_type = "ClusterIP", service_annotations = {}, node_port = 30080 } && aws_lb_target_group.gateway[0].port == 30080
    error_message = "The load balancer knocks where Kourier listens."
  }
  assert {
    condition     = aws_lb_listener.gateway[0].protocol == "TLS" && aws_lb_listener.gateway[0].port == 443 && aws_lb_listener.gateway[0].certificate_arn == var.certificate_arn
    error_message = "TLS ends at the load balancer, with the certificate that was given."
  }
  assert {
    condition     = output.dns_records == [{ name = "*.functions.dev.example.org.", type = "CNAME", value = "renga-dev-gateway-0a1b2c3d4e5f6071.elb.eu-central-1.amazonaws.com" }]
    error_message = "The zone needs the functions' address."
  }
}

run "a_certificate_of_another_region" {
  command = plan
  variables {
    gateway_domain  = "dev.example.org"
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
  }
  expect_failures = [var.certificate_arn]
}

run "a_domain_that_is_a_url" {
  command = plan
  variables {
    gateway_domain  = "https://example.org/"
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
  }
  expect_failures = [var.gateway_domain]
}

run "names_and_paths_where_others_are_asked_for" {
  command = plan
  variables {
    account_id   = "renga-dev"
    zones        = ["a"]
    admins       = []
    gpu_machines = []
    database_ca  = "bundle.pem"
  }
  expect_failures = [var.account_id, var.zones, var.admins, var.gpu_machines, var.database_ca]
}

run "a_session_that_is_no_role_and_a_domain_without_a_certificate" {
  command = plan
  variables {
    admins         = ["arn:aws:sts::123456789012:assumed-role/admin/me"]
    gateway_domain = "dev.example.org"
  }
  expect_failures = [var.admins, var.certificate_arn]
}
