resource "google_container_node_pool" "refused_for_an_idle_gpu" {
  cluster = "c"

  autoscaling {
    total_min_node_count = 1
    total_max_node_count = 2
  }

  node_config {
    guest_accelerator {
      type  = "nvidia-l4"
      count = 1
    }
  }
}

resource "google_container_node_pool" "refused_for_a_thousand_gpus" {
  cluster = "c"

  autoscaling {
    total_min_node_count = 0
    total_max_node_count = 1000
  }

  node_config {
    guest_accelerator {
      type  = "nvidia-l4"
      count = 1
    }
  }
}

resource "google_container_node_pool" "taken" {
  cluster = "c"

  autoscaling {
    total_min_node_count = 0
    total_max_node_count = 8
  }

  node_config {
    guest_accelerator {
      type  = "nvidia-l4"
      count = 1
    }
  }
}

resource "google_container_node_pool" "taken_without_a_gpu" {
  cluster = "c"

  autoscaling {
    total_min_node_count = 1
    total_max_node_count = 20
  }
}
