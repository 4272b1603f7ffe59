terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

# arn:aws:iam::111122223333:role/example
output "role" {
  value = provider::aws::trim_iam_role_path("arn:aws:iam::111122223333:role/mill/night/example")
}
