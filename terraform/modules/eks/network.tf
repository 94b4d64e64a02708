# Public subnets have the load balancer and the way out, private ones the nodes, and the stores have their own: so that a
# network policy can say where they are.

locals {
  network = "10.0.0.0/16"
  public  = { for index, zone in local.zones : zone => cidrsubnet(local.network, 8, index) }
  nodes   = { for index, zone in local.zones : zone => cidrsubnet(local.network, 3, index + 1) }
  stores  = { for index, zone in local.zones : zone => cidrsubnet(local.network, 8, index + 16) }

  # One way out is enough where one of everything is.
  exits = toset(var.data_tier == "replicated" ? local.zones : slice(local.zones, 0, 1))
}

resource "aws_vpc" "this" {
  cidr_block           = local.network
  enable_dns_hostnames = true
  tags                 = merge(local.tags, { Name = local.prefix })
}

# What is not told otherwise is in this group: nothing comes in or goes out.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = "${local.prefix}-unused" })
}

resource "aws_subnet" "public" {
  for_each = local.public

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = merge(local.tags, { Name = "${local.prefix}-public-${each.key}" })
}

resource "aws_subnet" "nodes" {
  for_each = local.nodes

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = merge(local.tags, { Name = "${local.prefix}-nodes-${each.key}" })
}

resource "aws_subnet" "stores" {
  for_each = local.stores

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = merge(local.tags, { Name = "${local.prefix}-stores-${each.key}" })
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = local.prefix })
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = "${local.prefix}-public" })

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_eip" "exit" {
  for_each = local.exits

  domain = "vpc"
  tags   = merge(local.tags, { Name = "${local.prefix}-${each.key}" })

  depends_on = [aws_internet_gateway.this]
}

# Nodes have no public address; what they fetch from outside goes through here.
resource "aws_nat_gateway" "exit" {
  for_each = local.exits

  allocation_id = aws_eip.exit[each.key].id
  subnet_id     = aws_subnet.public[each.key].id
  tags          = merge(local.tags, { Name = "${local.prefix}-${each.key}" })
}

resource "aws_route_table" "nodes" {
  for_each = local.nodes

  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = "${local.prefix}-nodes-${each.key}" })

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.exit[contains(local.exits, each.key) ? each.key : local.zones[0]].id
  }
}

resource "aws_route_table_association" "nodes" {
  for_each = aws_subnet.nodes

  subnet_id      = each.value.id
  route_table_id = aws_route_table.nodes[each.key].id
}

# Blobs and the layers of images do not pay for the way out.
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.this.id
  service_name    = "com.amazonaws.${var.region}.s3"
  route_table_ids = [for table in aws_route_table.nodes : table.id]
  tags            = merge(local.tags, { Name = "${local.prefix}-s3" })
}

locals {
  flow_logs    = "/aws/vpc/${local.prefix}"
  cluster_logs = "/aws/eks/${local.prefix}/cluster"
  log_groups   = [local.flow_logs, local.cluster_logs]
}

# EKS would make the cluster's group by itself, without a key and without an end.
resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(local.log_groups)

  name              = each.key
  retention_in_days = 365
  kms_key_id        = var.key_arn
  tags              = local.tags
}

data "aws_iam_policy_document" "flow_logs" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = ["${aws_cloudwatch_log_group.this[local.flow_logs].arn}:*"]
  }
}

resource "aws_iam_role" "flow_logs" {
  name               = "${local.prefix}-flow-logs"
  assume_role_policy = local.trust["vpc-flow-logs"]
  tags               = local.tags
}

resource "aws_iam_role_policy" "flow_logs" {
  name   = "write"
  role   = aws_iam_role.flow_logs.id
  policy = data.aws_iam_policy_document.flow_logs.json
}

resource "aws_flow_log" "this" {
  vpc_id          = aws_vpc.this.id
  traffic_type    = "ALL"
  iam_role_arn    = aws_iam_role.flow_logs.arn
  log_destination = aws_cloudwatch_log_group.this[local.flow_logs].arn
  tags            = local.tags
}
