resource "aws_eks_cluster" "refused_for_an_address_for_everybody" {
  name = "c"

  vpc_config {
    endpoint_public_access = true
    public_access_cidrs    = ["0.0.0.0/0"]
  }
}

resource "aws_eks_cluster" "refused_for_an_address_for_whoever_comes" {
  name = "c"

  vpc_config {
    endpoint_public_access = true
  }
}

resource "aws_eks_cluster" "refused_for_the_address_that_it_has_by_default" {
  name = "c"

  vpc_config {
    subnet_ids = ["subnet-1", "subnet-2"]
  }
}

resource "aws_eks_cluster" "taken_with_an_address_for_an_office" {
  name = "c"

  vpc_config {
    endpoint_public_access = true
    public_access_cidrs    = ["203.0.113.0/24"]
  }
}

resource "aws_eks_cluster" "taken_without_an_address" {
  name = "c"

  vpc_config {
    endpoint_public_access = false
  }
}
