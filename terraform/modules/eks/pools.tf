resource "aws_iam_role" "node" {
  name               = "${local.prefix}-node"
  assume_role_policy = local.trust["ec2"]
  tags               = local.tags
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", "AmazonEKS_CNI_Policy"])

  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

# A pod cannot reach the node's own identity: answers of the metadata service go no further than one hop.
resource "aws_launch_template" "pool" {
  for_each = {
    cpu = { device = "/dev/xvda", disk_gb = var.cpu_pool.disk_gb }
    # Bottlerocket keeps images and containers on its second disk.
    gpu = { device = "/dev/xvdb", disk_gb = var.gpu_pool.disk_gb }
  }

  name                   = "${local.prefix}-${each.key}"
  update_default_version = true

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = each.value.device

    ebs {
      volume_size           = each.value.disk_gb
      volume_type           = "gp3"
      encrypted             = true
      delete_on_termination = true
    }
  }

  tag_specifications {
    resource_type = "instance"
    tags          = merge(local.tags, { Name = "${local.prefix}-${each.key}" })
  }
  tag_specifications {
    resource_type = "volume"
    tags          = merge(local.tags, { Name = "${local.prefix}-${each.key}" })
  }
}

resource "aws_eks_node_group" "cpu" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "cpu"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [for subnet in aws_subnet.nodes : subnet.id]
  version         = aws_eks_cluster.this.version
  ami_type        = "AL2023_x86_64_STANDARD"
  capacity_type   = var.cpu_pool.spot ? "SPOT" : "ON_DEMAND"
  instance_types  = [coalesce(var.cpu_pool.machine, "m7i.xlarge")]
  tags            = local.tags

  launch_template {
    id      = aws_launch_template.pool["cpu"].id
    version = aws_launch_template.pool["cpu"].latest_version
  }

  scaling_config {
    min_size     = var.cpu_pool.min
    desired_size = var.cpu_pool.min
    max_size     = var.cpu_pool.max
  }

  # How many there are now the autoscaler says.
  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }

  depends_on = [
    aws_eks_addon.before_nodes, aws_iam_role_policy_attachment.node, aws_route_table_association.nodes,
    aws_nat_gateway.exit, aws_vpc_endpoint.s3,
  ]
}

# Bottlerocket for NVIDIA brings the driver and the device plugin, which offers `nvidia.com/gpu`: nothing is installed.
resource "aws_eks_node_group" "gpu" {
  count = var.gpu_pool.max > 0 ? 1 : 0

  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "gpu"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [for subnet in aws_subnet.nodes : subnet.id]
  version         = aws_eks_cluster.this.version
  ami_type        = "BOTTLEROCKET_x86_64_NVIDIA"
  capacity_type   = var.gpu_pool.spot ? "SPOT" : "ON_DEMAND"
  instance_types  = var.gpu_pool.machine == null ? var.gpu_machines : [var.gpu_pool.machine]
  tags            = local.tags

  # The second is the autoscaler's: a node with it is not ready for GPUs until it offers some.
  labels = { accelerator = "nvidia", "k8s.amazonaws.com/accelerator" = "nvidia" }

  taint {
    key    = "nvidia.com/gpu"
    value  = "present"
    effect = "NO_SCHEDULE"
  }

  launch_template {
    id      = aws_launch_template.pool["gpu"].id
    version = aws_launch_template.pool["gpu"].latest_version
  }

  scaling_config {
    min_size     = var.gpu_pool.min
    desired_size = var.gpu_pool.min
    max_size     = var.gpu_pool.max
  }

  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }

  depends_on = [
    aws_eks_addon.before_nodes, aws_iam_role_policy_attachment.node, aws_route_table_association.nodes,
    aws_nat_gateway.exit, aws_vpc_endpoint.s3,
  ]
}
