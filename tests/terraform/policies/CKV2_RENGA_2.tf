resource "google_container_cluster" "refused_for_an_address_for_everybody" {
  name = "c"

  control_plane_endpoints_config {
    ip_endpoints_config {
      enabled = true
    }
  }
}

resource "google_container_cluster" "refused_for_the_address_that_it_has_by_default" {
  name = "c"
}

resource "google_container_cluster" "taken_with_an_address_for_an_office" {
  name = "c"

  control_plane_endpoints_config {
    ip_endpoints_config {
      enabled = true
    }
  }

  master_authorized_networks_config {
    cidr_blocks {
      cidr_block = "203.0.113.0/24"
    }
  }
}

resource "google_container_cluster" "taken_without_an_address" {
  name = "c"

  control_plane_endpoints_config {
    ip_endpoints_config {
      enabled = false
    }
  }
}
