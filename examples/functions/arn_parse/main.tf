terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

output "region" {
  value = provider::aws::arn_parse("arn:aws:kinesis:eu-central-1:111122223333:stream/example").region
}
