output "cluster_name" {
  description = "As `aws eks update-kubeconfig --name` takes it."
  value       = aws_eks_cluster.this.name
}

output "endpoint" {
  description = "The Kubernetes API; it has a public address only for `public_endpoint_cidrs`."
  value       = aws_eks_cluster.this.endpoint

  # Whoever installs something needs nodes with names and a way out, and has to be let in.
  depends_on = [aws_eks_node_group.cpu, aws_eks_addon.coredns, aws_eks_access_policy_association.admin]
}

output "ca" {
  description = "The certificate of who signed the endpoint's."
  value       = base64decode(aws_eks_cluster.this.certificate_authority[0].data)
}

output "oidc_issuer" {
  description = "The issuer of the cluster's service account tokens: `modules/events` takes it in `federation`."
  value       = aws_eks_cluster.this.identity[0].oidc[0].issuer
}

output "stores" {
  description = "What `modules/knative` takes as `stores`: the networks of Redis and PostgreSQL, the agent that gives pods their identity, and where blobs go. Nothing secret."
  value = {
    egress = concat(
      flatten([for cidr in values(local.stores) : [{ cidr = cidr, port = 5432 }, { cidr = cidr, port = 6379 }]]),
      [{ cidr = "169.254.170.23/32", port = 80 }],
    )
    certificates = var.database_ca == null ? {} : { "postgres-ca.pem" = var.database_ca }
    settings     = { "blobs-url" = "s3://${aws_s3_bucket.blobs.bucket}" }
  }

  # Who is told where a store is can use it.
  depends_on = [
    aws_eks_pod_identity_association.functions, aws_iam_role_policy.functions, aws_vpc_security_group_ingress_rule.stores,
    aws_s3_bucket_server_side_encryption_configuration.blobs, aws_s3_bucket_policy.blobs,
  ]
}

output "redis_url" {
  description = "Of a user, without a password: each connection has a token of the functions' role. Redis' certificate is one that the public trusts."
  value       = "rediss://${aws_elasticache_user.functions.user_name}@${aws_elasticache_replication_group.this.primary_endpoint_address}:6379/0"
  sensitive   = true
}

output "postgres_url" {
  description = "With the ARN of the secret that has the password in its place; whose server it is, is asked where `database_ca` says who signs it."
  value = join("", [
    "postgresql://${aws_db_instance.this.username}:${urlencode(aws_db_instance.this.master_user_secret[0].secret_arn)}@${aws_db_instance.this.address}:5432/${aws_db_instance.this.db_name}",
    var.database_ca == null ? "?sslmode=require" : "?sslmode=verify-full&sslrootcert=/etc/renga/stores/postgres-ca.pem",
  ])
  sensitive = true
}

output "gateway_identity" {
  description = "The role that the Kubernetes service account `gateway` and those of the functions have."
  value       = aws_iam_role.functions.arn
}

output "gateway" {
  description = "What `modules/knative` takes as `gateway`: a load balancer of Terraform's ends TLS and knocks at this port of each node."
  value = {
    service_type        = "ClusterIP"
    service_annotations = {}
    node_port           = length(local.host) == 0 ? null : local.port
  }
}

output "dns_records" {
  description = "What the zone of `gateway_domain` needs: where all functions are."
  value       = [for host in local.host : { name = "*.${host}.", type = "CNAME", value = aws_lb.gateway[0].dns_name }]
}

output "sleeps" {
  description = "What stops and starts, in the order in which it stops: see the contract."
  value       = local.sleeps
}

output "kubeconfig" {
  description = "Commands that write credentials of the cluster into the file that the variable KUBECONFIG names."
  value       = ["aws eks update-kubeconfig ${local.here} --name ${aws_eks_cluster.this.name}"]
}

output "interfaces" {
  description = "Commands that list network interfaces of which Terraform knows nothing, and which keep the network from being destroyed: those of load balancers that Services made, and those that the CNI left."
  value = {
    balancers = "${local.interfaces} 'Name=description,Values=ELB *' --query \"NetworkInterfaces[?!starts_with(Description, 'ELB net/${local.prefix}-gateway/')].NetworkInterfaceId\" --output text"
    left      = "${local.interfaces} 'Name=description,Values=aws-K8S-*' Name=status,Values=available --query 'NetworkInterfaces[].NetworkInterfaceId' --output text"
  }
}
