terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

# mill/1.0 (on a brook)
output "product" {
  value = provider::aws::user_agent("mill", "1.0", "on a brook")
}
