output "cluster_name" {
  description = "As `gcloud container clusters get-credentials` takes it."
  value       = google_container_cluster.this.name
}

output "endpoint" {
  description = "The Kubernetes API, by its name; IAM says who gets in."
  value       = "https://${google_container_cluster.this.control_plane_endpoints_config[0].dns_endpoint_config[0].endpoint}"

  # Whoever installs something needs nodes, and nodes need the way out.
  depends_on = [google_container_node_pool.cpu, google_compute_router_nat.this, google_artifact_registry_repository_iam_member.node]
}

output "ca" {
  description = "Null: the endpoint has a certificate that the public trusts."
  value       = null
}

output "oidc_issuer" {
  description = "The issuer of the cluster's service account tokens."
  value       = "https://container.googleapis.com/v1/${google_container_cluster.this.id}"
}

output "workload_pool" {
  description = "The pool of the project's Kubernetes service accounts; it is there once the cluster is."
  value       = google_container_cluster.this.workload_identity_config[0].workload_pool
}

output "stores" {
  description = "What `modules/knative` takes as `stores`: where Redis is and who signed its certificate, where blobs go, and the proxy that opens PostgreSQL. Nothing secret."
  value = {
    egress       = [{ cidr = "${google_redis_instance.this.host}/32", port = google_redis_instance.this.port }]
    certificates = { "redis-ca.pem" = join("\n", google_redis_instance.this.server_ca_certs[*].cert) }
    settings     = { "blobs-url" = google_storage_bucket.blobs.url }
    cloud_sql = {
      instance = google_sql_database_instance.this.connection_name
      address  = google_sql_database_instance.this.private_ip_address
      identity = google_service_account.gateway.email
    }
  }

  # Who is told where a store is can use it.
  depends_on = [google_project_iam_member.gateway, google_service_account_iam_member.gateway, google_storage_bucket_iam_member.functions]
}

output "redis_url" {
  description = "With the AUTH string. Redis' certificate is signed by an authority of this one instance, so the chain says enough and its name, an address, is not compared."
  value       = "rediss://:${google_redis_instance.this.auth_string}@${google_redis_instance.this.host}:${google_redis_instance.this.port}/0?ssl_check_hostname=false&ssl_ca_certs=/etc/renga/stores/redis-ca.pem"
  sensitive   = true
}

output "postgres_url" {
  description = "Of the proxy in the cluster, which adds the token: there is no password."
  value       = "postgresql://${urlencode(google_sql_user.gateway.name)}@postgres.${var.namespace}.svc.cluster.local:5432/${google_sql_database.renga.name}"
  sensitive   = true
}

output "gateway_identity" {
  description = "The Google service account that the Kubernetes service account `gateway` may act as."
  value       = google_service_account.gateway.email
}

output "gateway" {
  description = "What `modules/knative` takes as `gateway`: Google's load balancer ends TLS in front of Kourier."
  value = {
    service_type        = "ClusterIP"
    service_annotations = {}
    gke = length(local.host) == 0 ? null : {
      certificate_map = google_certificate_manager_certificate_map_entry.gateway[0].map
      address         = google_compute_global_address.gateway[0].name
    }
  }
}

output "dns_records" {
  description = "What the zone of `gateway_domain` needs: the address of all functions, and the proof for their certificate."
  value = length(local.host) == 0 ? [] : concat(
    [{ name = "*.${local.host[0]}.", type = "A", value = google_compute_global_address.gateway[0].address }],
    [for record in google_certificate_manager_dns_authorization.gateway[0].dns_resource_record : {
      name = record.name, type = record.type, value = record.data
    }],
  )
}

output "sleeps" {
  description = "What stops and starts, in the order in which it stops: see the contract."
  value = [{
    part   = "nodes and database"
    stop   = local.runs["sleep"]
    start  = local.runs["wake"]
    prints = "SUCCEEDED"
    ready  = []
    shows = concat(
      [for pool in concat([google_container_node_pool.cpu], google_container_node_pool.gpu) : {
        command = "gcloud container node-pools describe ${pool.name} ${local.of_cluster} --format='value(autoscaling.enabled)'"
        asleep  = ""
        awake   = "True"
      }],
      [{
        command = "gcloud sql instances describe ${google_sql_database_instance.this.name} --project=${var.project_id} --format='value(settings.activationPolicy)'"
        asleep  = "NEVER"
        awake   = "ALWAYS"
      }],
    )
  }]
}

output "kubeconfig" {
  description = "Commands that write credentials of the cluster into the file that the variable KUBECONFIG names."
  value       = ["gcloud container clusters get-credentials ${google_container_cluster.this.name} --project=${var.project_id} --location=${var.zone} --dns-endpoint"]
}

output "interfaces" {
  description = "Null: what the cluster's load balancers have goes with them."
  value       = null
}
