locals {
  prefix = "${var.name}-${var.env}"
  tags   = { app = var.name, env = var.env }
  zones  = [for zone in var.zones : "${var.region}${zone}"]
}
