resource "aws_eks_node_group" "refused_for_an_idle_gpu" {
  cluster_name = "c"
  ami_type     = "BOTTLEROCKET_x86_64_NVIDIA"

  scaling_config {
    min_size     = 1
    desired_size = 1
    max_size     = 2
  }
}

resource "aws_eks_node_group" "refused_for_a_thousand_gpus" {
  cluster_name = "c"
  ami_type     = "AL2023_x86_64_NVIDIA"

  scaling_config {
    min_size     = 0
    desired_size = 0
    max_size     = 1000
  }
}

resource "aws_eks_node_group" "taken" {
  cluster_name = "c"
  ami_type     = "AL2023_x86_64_NVIDIA"

  scaling_config {
    min_size     = 0
    desired_size = 0
    max_size     = 8
  }
}

resource "aws_eks_node_group" "taken_without_a_gpu" {
  cluster_name = "c"
  ami_type     = "AL2023_x86_64_STANDARD"

  scaling_config {
    min_size     = 1
    desired_size = 1
    max_size     = 20
  }
}
