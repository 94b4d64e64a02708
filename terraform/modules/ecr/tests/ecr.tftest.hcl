mock_provider "aws" {
  source = "../../mocks/aws"
}

variables {
  name                = "renga"
  env                 = "dev"
  deletion_protection = true
  account_id          = "123456789012"
  region              = "eu-central-1"
  functions           = ["schema-parse", "schema-submit"]
}

run "images_and_their_key" {
  command = apply

  assert {
    condition     = output.registry_url == "123456789012.dkr.ecr.eu-central-1.amazonaws.com/renga-dev"
    error_message = "Images are pushed below the registry's URL."
  }
  assert {
    condition     = toset([for each in aws_ecr_repository.function : each.name]) == toset(["renga-dev/schema-parse", "renga-dev/schema-submit"])
    error_message = "Each function has a repository."
  }
  assert {
    condition = alltrue([for each in aws_ecr_repository.function :
      each.encryption_configuration[0].kms_key == output.key_arn && each.image_tag_mutability == "IMMUTABLE" &&
      each.image_scanning_configuration[0].scan_on_push && !each.force_delete
    ])
    error_message = "Images are encrypted with a key of ours and looked through, their tags stay, and what is protected is not deleted with them."
  }
  assert {
    condition     = keys(aws_ecr_lifecycle_policy.function) == keys(aws_ecr_repository.function)
    error_message = "Images without a tag go, in every repository."
  }
  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key rotates, and can be had back for a month."
  }
  assert {
    condition = one([
      for each in data.aws_iam_policy_document.key.statement : one(each.condition).values if each.sid == "LogsOfThisEnvironment"
      ]) == tolist([
      "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/*/renga-dev",
      "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/*/renga-dev/*",
    ])
    error_message = "CloudWatch uses the key for this environment's logs: those of its flows, and those of its cluster."
  }
}

run "what_is_not_protected_goes_with_its_images" {
  command = plan
  variables { deletion_protection = false }

  assert {
    condition     = alltrue([for each in aws_ecr_repository.function : each.force_delete])
    error_message = "Otherwise a destroy would stop at the first repository with an image."
  }
}
