# A network load balancer ends TLS with the wildcard certificate, and sends what is inside to Kourier's port on each node.
# Terraform has it, not a Service of Kubernetes: so it goes with the rest, and nothing that it left keeps the network.

locals {
  # A function's address is SERVICE.NAMESPACE.DOMAIN.
  host = var.gateway_domain == null ? [] : ["${var.namespace}.${var.gateway_domain}"]
  port = 30080
}

resource "aws_security_group" "gateway" {
  count = length(local.host)

  name        = "${local.prefix}-gateway"
  description = "https from everybody, to Kourier"
  vpc_id      = aws_vpc.this.id
  tags        = merge(local.tags, { Name = "${local.prefix}-gateway" })
}

resource "aws_vpc_security_group_ingress_rule" "gateway" {
  count = length(local.host)

  security_group_id = aws_security_group.gateway[0].id
  description       = "Pub/Sub has no addresses of its own; a token says who pushes"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "gateway" {
  count = length(local.host)

  security_group_id            = aws_security_group.gateway[0].id
  description                  = "Kourier on the nodes"
  referenced_security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_ingress_rule" "kourier" {
  count = length(local.host)

  security_group_id            = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  description                  = "Kourier from the load balancer"
  referenced_security_group_id = aws_security_group.gateway[0].id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_lb" "gateway" {
  # checkov:skip=CKV_AWS_91: it would log handshakes only; Kourier and the functions log requests.
  # checkov:skip=CKV_AWS_150: deletion_protection is a variable, on by default and always on in prod.
  # checkov:skip=CKV2_AWS_28: a firewall for applications is for load balancers that see requests; this one passes on what is inside of TLS.
  count = length(local.host)

  name                             = "${local.prefix}-gateway"
  load_balancer_type               = "network"
  internal                         = false
  subnets                          = [for subnet in aws_subnet.public : subnet.id]
  security_groups                  = [aws_security_group.gateway[0].id]
  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = var.deletion_protection
  tags                             = local.tags
}

resource "aws_lb_target_group" "gateway" {
  count = length(local.host)

  name        = "${local.prefix}-gateway"
  vpc_id      = aws_vpc.this.id
  target_type = "instance"
  protocol    = "TCP"
  port        = local.port
  tags        = local.tags

  # Kourier answers 404 to who names no function, which is no sign that it is ill: that it listens is what is asked.
  health_check {
    protocol = "TCP"
  }
}

resource "aws_lb_listener" "gateway" {
  count = length(local.host)

  load_balancer_arn = aws_lb.gateway[0].arn
  protocol          = "TLS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.gateway[0].arn
  }
}

resource "aws_autoscaling_attachment" "gateway" {
  # checkov:skip=CKV2_AWS_15: EKS makes the group and says what is ill in it; a node that Kourier left is not.
  count = length(local.host)

  autoscaling_group_name = aws_eks_node_group.cpu.resources[0].autoscaling_groups[0].name
  lb_target_group_arn    = aws_lb_target_group.gateway[0].arn
}
