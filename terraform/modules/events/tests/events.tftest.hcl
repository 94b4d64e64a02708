mock_provider "google" {
  source = "../../mocks/google"
}

variables {
  name           = "renga-dev"
  project_id     = "renga-dev-1"
  project_number = "123456789012"
  region         = "europe-west4"
  gateway_domain = "dev.example.org"
  workload_pool  = "renga-dev-1.svc.id.goog"
  table          = jsondecode(file("../../../events/pubsub.json"))
}

run "all_of_the_table" {
  command = apply
  variables { sleep_schedule = { sleep = "18:55", wake = "06:50" } }

  assert {
    condition     = toset(keys(google_pubsub_topic.event)) == toset(concat(var.table.topics, [var.table.dead_letter_topic]))
    error_message = "There is a topic for each event type and one for dead letters."
  }
  assert {
    condition     = toset(keys(google_pubsub_subscription.push)) == toset(var.table.subscriptions[*].name)
    error_message = "There is a subscription for each consumer of a type."
  }
  assert {
    condition     = alltrue([for each in google_pubsub_subscription.push : each.push_config[0].no_wrapper[0].write_metadata])
    error_message = "A push is the event itself, its attributes as headers."
  }
  assert {
    condition = alltrue([for each in var.table.subscriptions :
      google_pubsub_subscription.push[each.name].push_config[0].push_endpoint == "https://${each.service}.functions.dev.example.org/"
    ])
    error_message = "A subscription pushes to its function's address."
  }
  assert {
    condition = alltrue([for each in google_pubsub_subscription.push :
      each.push_config[0].oidc_token[0].audience == output.events.push_audience && each.push_config[0].oidc_token[0].service_account_email == output.events.push_email
    ])
    error_message = "A push is signed for whom functions are told to expect."
  }
  assert {
    condition     = alltrue([for each in google_pubsub_subscription.push : each.expiration_policy[0].ttl == ""])
    error_message = "An idle subscription is not dropped."
  }
  assert {
    condition = alltrue([for each in var.table.subscriptions :
      try(google_pubsub_subscription.push[each.name].dead_letter_policy[0].max_delivery_attempts, null) == each.max_delivery_attempts
    ])
    error_message = "Each subscription gives up after the attempts of the table, and the one that keeps dead letters never does."
  }
  assert {
    condition     = alltrue([for each in google_pubsub_topic.event : each.kms_key_name == google_kms_crypto_key.events.id && each.message_storage_policy[0].allowed_persistence_regions == toset(["europe-west4"])])
    error_message = "Messages are encrypted with a key of ours and stay in the region."
  }

  assert {
    condition = (
      google_pubsub_topic_iam_member.agent_buries.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com" &&
      google_pubsub_topic_iam_member.agent_buries.topic == var.table.dead_letter_topic && google_pubsub_topic_iam_member.agent_buries.role == "roles/pubsub.publisher"
    )
    error_message = "Pub/Sub may publish dead letters."
  }
  assert {
    condition     = toset(keys(google_pubsub_subscription_iam_member.agent_acknowledges)) == toset([for each in var.table.subscriptions : each.name if each.max_delivery_attempts != null])
    error_message = "Pub/Sub may acknowledge what it buried, in every subscription that gives up."
  }
  assert {
    condition     = length(google_pubsub_subscription.parked) == 0
    error_message = "Dead letters have a function that keeps them."
  }
  assert {
    condition     = google_service_account_iam_member.agent_signs.role == "roles/iam.serviceAccountOpenIdTokenCreator"
    error_message = "Pub/Sub may sign pushes as the push account, and do nothing else as it."
  }

  assert {
    condition = toset(keys(google_pubsub_topic_iam_member.publishes)) == toset(flatten([
      for publisher in var.table.publishers : [for topic in publisher.topics : "${publisher.service} ${topic}"]
    ]))
    error_message = "A function may publish its types and no others."
  }
  assert {
    condition     = google_pubsub_topic_iam_member.publishes["schema-parse dev.renga.schema.parsed.v1"].member == "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/renga-dev-1.svc.id.goog/subject/ns/functions/sa/schema-parse"
    error_message = "On GKE a function is the principal of its Kubernetes service account."
  }
  assert {
    condition     = output.events.credential_configuration == null && length(google_iam_workload_identity_pool.clusters) == 0
    error_message = "GKE needs no federation."
  }

  assert {
    condition     = google_cloud_scheduler_job.pushes["pause"].schedule == "55 18 * * MON,TUE,WED,THU,FRI" && google_cloud_scheduler_job.pushes["resume"].schedule == "5 7 * * MON,TUE,WED,THU,FRI"
    error_message = "Pushes pause when it is time to sleep, and resume a quarter of an hour after waking."
  }
  assert {
    condition     = alltrue([for push in yamldecode(google_workflows_workflow.pushes["pause"].source_contents).main.steps[0].pushes.for.in : push.pushConfig == {}])
    error_message = "Without a push address, messages wait."
  }
  assert {
    condition = toset([for push in yamldecode(google_workflows_workflow.pushes["resume"].source_contents).main.steps[0].pushes.for.in : push.pushConfig.pushEndpoint]) == toset([
      for each in google_pubsub_subscription.push : each.push_config[0].push_endpoint
    ])
    error_message = "Each subscription gets its own push address back."
  }
  assert {
    condition     = length(yamldecode(google_workflows_workflow.pushes["pause"].source_contents).main.steps[0].pushes.for.in) == length(var.table.subscriptions)
    error_message = "All subscriptions pause."
  }
}

run "from_another_cloud" {
  command = apply
  variables {
    workload_pool = null
    federation    = { cluster = "eks", issuer_uri = "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF" }
  }

  assert {
    condition     = google_pubsub_topic_iam_member.publishes["schema-parse dev.renga.schema.parsed.v1"].member == "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/wif-renga-dev-0a1b2c/subject/system:serviceaccount:functions:schema-parse"
    error_message = "Elsewhere a function is a subject of the workload identity pool."
  }
  assert {
    condition     = can(regex("^eks-[0-9a-f]{6}$", google_iam_workload_identity_pool_provider.cluster[0].workload_identity_pool_provider_id))
    error_message = "A provider's id has 4 to 32 characters, and each cluster one of its own."
  }
  assert {
    condition     = can(regex("^[a-z0-9-]{4,32}$", google_iam_workload_identity_pool.clusters[0].workload_identity_pool_id))
    error_message = "A pool's id has 4 to 32 characters."
  }
  assert {
    condition     = google_iam_workload_identity_pool_provider.cluster[0].attribute_condition == "assertion.sub.startsWith('system:serviceaccount:functions:')"
    error_message = "The cluster is believed for the functions only."
  }
  assert {
    condition     = google_iam_workload_identity_pool_provider.cluster[0].oidc[0].allowed_audiences == tolist(["google-federation"])
    error_message = "A pod's token is for this audience, as the component federation asks for it."
  }
  assert {
    condition = (
      jsondecode(output.events.credential_configuration).audience == "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/wif-renga-dev-0a1b2c/providers/eks-0a1b2c" &&
      jsondecode(output.events.credential_configuration).type == "external_account"
    )
    error_message = "Client libraries are told where a pod's token is exchanged."
  }
}

run "gone_while_it_pushes" {
  command = plan
  variables {
    workload_pool = null
    federation    = { cluster = "eks" }
    gone          = true
  }
  expect_failures = [output.sleeps]
}

run "gone" {
  command   = apply
  state_key = "gone"
  variables {
    workload_pool  = null
    federation     = { cluster = "eks" }
    gone           = true
    sleep_schedule = { sleep = "18:55", wake = "06:50" }
  }

  assert {
    condition     = toset(keys(google_pubsub_topic.event)) == toset(concat(var.table.topics, [var.table.dead_letter_topic]))
    error_message = "Topics stay."
  }
  assert {
    condition     = toset(keys(google_pubsub_subscription.push)) == toset(var.table.subscriptions[*].name)
    error_message = "Subscriptions stay, and the messages in them."
  }
  assert {
    condition     = alltrue([for each in google_pubsub_subscription.push : each.message_retention_duration == "2678400s"])
    error_message = "Messages wait for a month, which is as long as Pub/Sub keeps any."
  }
  assert {
    condition     = length(google_iam_workload_identity_pool_provider.cluster) == 0 && length(google_pubsub_topic_iam_member.publishes) == 0
    error_message = "No cluster is believed, and nobody publishes."
  }
  assert {
    condition     = length(google_iam_workload_identity_pool.clusters) == 1 && output.events.credential_configuration == null
    error_message = "The pool stays, because Google keeps its name; there is nothing to exchange a token with."
  }
  assert {
    condition     = length(google_cloud_scheduler_job.pushes) == 0 && length(google_workflows_workflow.pushes) == 2
    error_message = "No schedule resumes pushes to what is gone; by hand it can be done once something is there."
  }
}

run "nobody_keeps_dead_letters" {
  command = plan
  variables {
    table = {
      topics            = ["shop.sold.v1"]
      dead_letter_topic = "renga-dead-letters"
      publishers        = []
      subscriptions     = []
    }
  }

  assert {
    condition     = google_pubsub_subscription.parked[0].message_retention_duration == "2678400s"
    error_message = "Dead letters that no function keeps wait in a subscription."
  }
}

run "an_issuer_without_tls" {
  command = plan
  variables {
    workload_pool = null
    federation    = { cluster = "eks", issuer_uri = "http://issuer.example.org" }
  }
  expect_failures = [var.federation]
}

run "both_a_pool_and_a_federation_and_a_topic_that_is_not_listed" {
  command = plan
  variables {
    federation = { cluster = "eks", issuer_uri = "https://oidc.eks.eu-west-1.amazonaws.com/id/0" }
    table = {
      topics            = ["shop.sold.v1"]
      dead_letter_topic = "renga-dead-letters"
      publishers        = [{ service = "shop-ship", topics = ["shop.paid.v1"] }]
      subscriptions     = []
    }
  }
  expect_failures = [var.workload_pool, var.table]
}

run "a_cluster_whose_name_is_too_long" {
  command = plan
  variables {
    workload_pool = null
    federation    = { cluster = "a-cluster-with-a-long-name", issuer_uri = "https://issuer.example.org" }
  }
  expect_failures = [var.federation]
}
