output "cluster_name" {
  description = "As `az aks get-credentials --name` takes it; the resource group is called the same."
  value       = azurerm_kubernetes_cluster.this.name
}

output "endpoint" {
  description = "The Kubernetes API, reached from within the network, or from `public_endpoint_cidrs`."
  value       = "https://${length(var.public_endpoint_cidrs) == 0 ? azurerm_kubernetes_cluster.this.private_fqdn : azurerm_kubernetes_cluster.this.fqdn}:443"

  # Whoever installs something has to be let in, and its images have to be found.
  depends_on = [azurerm_role_assignment.admins, azurerm_role_assignment.pull, azurerm_private_endpoint.this]
}

output "ca" {
  description = "The certificate of who signed the endpoint's, PEM."
  # No secret, although it stands beside one in the provider's schema. Null where what the provider has is no base64.
  value = nonsensitive(try(base64decode(azurerm_kubernetes_cluster.this.kube_config[0].cluster_ca_certificate), null))
}

output "oidc_issuer" {
  description = "The issuer of the cluster's service account tokens; a cluster that is made anew has another."
  value       = azurerm_kubernetes_cluster.this.oidc_issuer_url
}

output "stores" {
  description = "What `modules/knative` takes as `stores`: where Redis, PostgreSQL and blobs are, and who functions are to Azure. Nothing secret."
  value = {
    egress = [
      { cidr = local.subnets.endpoints, port = 10000 },
      { cidr = local.subnets.endpoints, port = 443 },
      { cidr = local.subnets.postgres, port = 5432 },
    ]
    certificates = {}
    settings = {
      "blobs-url"       = "abfss://${azurerm_storage_container.blobs.name}@${azurerm_storage_account.blobs.name}.dfs.core.windows.net"
      "azure-client-id" = azurerm_user_assigned_identity.gateway.client_id
    }
  }

  # Who is told where a store is can use it.
  depends_on = [
    azurerm_federated_identity_credential.gateway, azurerm_role_assignment.blobs, azurerm_private_endpoint.this,
    azurerm_postgresql_flexible_server_active_directory_administrator.gateway,
  ]
}

output "redis_url" {
  description = "Of `gateway_identity`, without a password: each connection asks Entra for a token. The public trusts Redis' certificate."
  value       = "rediss://${azurerm_managed_redis_access_policy_assignment.gateway.object_id}@${azurerm_managed_redis.this.hostname}:10000/0"
  sensitive   = true
}

output "postgres_url" {
  description = "Of `gateway_identity`, without a password: each connection asks Entra for a token. The certificates of whom the public trusts are where Debian has them."
  value       = "postgresql://${azurerm_postgresql_flexible_server_active_directory_administrator.gateway.principal_name}@${azurerm_postgresql_flexible_server.this.fqdn}:5432/${azurerm_postgresql_flexible_server_database.renga.name}?sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt"
  sensitive   = true
}

output "gateway_identity" {
  description = "The client id of what the service accounts `gateway` and `service_accounts` are in Azure."
  value       = azurerm_user_assigned_identity.gateway.client_id
}

output "gateway" {
  description = "What `modules/knative` takes as `gateway`: an application gateway ends TLS in front of Kourier's address in the network."
  value = {
    service_type = length(local.host) == 0 ? "ClusterIP" : "LoadBalancer"
    service_annotations = length(local.host) == 0 ? {} : {
      "service.beta.kubernetes.io/azure-load-balancer-internal"        = "true"
      "service.beta.kubernetes.io/azure-load-balancer-internal-subnet" = azurerm_subnet.this["kourier"].name
      "service.beta.kubernetes.io/azure-load-balancer-ipv4"            = local.kourier
      "service.beta.kubernetes.io/port_80_health-probe_protocol"       = "Tcp"
    }
    gke = null
  }
}

output "dns_records" {
  description = "What the zone of `gateway_domain` needs: the address of all functions."
  value       = [for address in azurerm_public_ip.gateway : { name = "*.${local.host[0]}.", type = "A", value = address.ip_address }]
}

output "sleeps" {
  description = "What stops and starts, in the order in which it stops: see the contract."
  value = [for part in local.parts : {
    part   = part
    stop   = "${local.stopped[part].command} stop ${local.stopped[part].of}"
    start  = "${local.stopped[part].command} start ${local.stopped[part].of}"
    prints = null
    ready  = []
    shows = [{
      command = "${local.stopped[part].command} show ${local.stopped[part].of} --query ${local.stopped[part].state} --output tsv"
      asleep  = "Stopped"
      awake   = local.stopped[part].awake
    }]
  }]
}

output "kubeconfig" {
  description = "Commands that write credentials of the cluster into the file that the variable KUBECONFIG names."
  value = [
    "az aks get-credentials ${local.stopped["cluster"].of} --overwrite-existing",
    "kubelogin convert-kubeconfig --login azurecli",
  ]
}

output "interfaces" {
  description = "Null: what the cluster's load balancers have goes with them."
  value       = null
}
