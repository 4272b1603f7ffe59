terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

output "stream" {
  value = provider::aws::arn_build("aws", "kinesis", "eu-central-1", "111122223333", "stream/example")
}
