# What AWS would have said. A mocked provider still checks arguments with the provider's own code, so what one resource
# takes from another has its real form here.

mock_data "aws_iam_policy_document" {
  defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
}

mock_resource "aws_kms_key" {
  defaults = {
    arn    = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
    key_id = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
  }
}

mock_resource "aws_vpc" {
  defaults = { id = "vpc-0a1b2c3d4e5f60718" }
}

mock_resource "aws_subnet" {
  defaults = { id = "subnet-0a1b2c3d4e5f60718" }
}

mock_resource "aws_route_table" {
  defaults = { id = "rtb-0a1b2c3d4e5f60718" }
}

mock_resource "aws_internet_gateway" {
  defaults = { id = "igw-0a1b2c3d4e5f60718" }
}

mock_resource "aws_eip" {
  defaults = { id = "eipalloc-0a1b2c3d4e5f60718" }
}

mock_resource "aws_nat_gateway" {
  defaults = { id = "nat-0a1b2c3d4e5f60718" }
}

mock_resource "aws_security_group" {
  defaults = { id = "sg-0a1b2c3d4e5f60718" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/x" }
}

mock_resource "aws_iam_role" {
  defaults = {
    arn = "arn:aws:iam::123456789012:role/renga-dev-x"
    id  = "renga-dev-x"
  }
}

mock_resource "aws_launch_template" {
  defaults = {
    id             = "lt-0a1b2c3d4e5f60718"
    latest_version = 1
  }
}

mock_resource "aws_eks_cluster" {
  defaults = {
    arn                   = "arn:aws:eks:eu-central-1:123456789012:cluster/renga-dev"
    endpoint              = "https://0A1B2C3D4E5F0A1B2C3D4E5F0A1B2C3D.gr7.eu-central-1.eks.amazonaws.com"
    certificate_authority = [{ data = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCmVrcwotLS0tLUVORCBDRVJUSUZJQ0FURS0tLS0t" }]
    identity              = [{ oidc = [{ issuer = "https://oidc.eks.eu-central-1.amazonaws.com/id/0A1B2C3D4E5F0A1B2C3D4E5F0A1B2C3D" }] }]
  }
}

mock_resource "aws_eks_node_group" {
  defaults = {
    arn = "arn:aws:eks:eu-central-1:123456789012:nodegroup/renga-dev/x/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
    resources = [{
      autoscaling_groups              = [{ name = "eks-x-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f" }]
      remote_access_security_group_id = ""
    }]
  }
}

mock_resource "aws_elasticache_replication_group" {
  defaults = { primary_endpoint_address = "master.renga-dev.0a1b2c.euc1.cache.amazonaws.com" }
}

mock_resource "aws_db_instance" {
  defaults = {
    address = "renga-dev.0a1b2c3d4e5f.eu-central-1.rds.amazonaws.com"
    arn     = "arn:aws:rds:eu-central-1:123456789012:db:renga-dev"
    master_user_secret = [{
      kms_key_id    = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
      secret_arn    = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f-x1Y2z3"
      secret_status = "active"
    }]
  }
}

mock_resource "aws_s3_bucket" {
  defaults = {
    arn = "arn:aws:s3:::123456789012-renga-dev-blobs"
    id  = "123456789012-renga-dev-blobs"
  }
}

mock_resource "aws_lb" {
  defaults = {
    arn      = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/renga-dev-gateway/0a1b2c3d4e5f6071"
    dns_name = "renga-dev-gateway-0a1b2c3d4e5f6071.elb.eu-central-1.amazonaws.com"
  }
}

mock_resource "aws_lb_target_group" {
  defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/renga-dev-gateway/0a1b2c3d4e5f6071" }
}
