# A stream as a team would share it, with tests in tests/: `terraform test` applies it for real and removes it again, in a
# second and without an account (`millrace tf test`).

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {
  type = string
}

variable "records_per_second" {
  description = "How many records of up to 1 KiB are put in a second."
  type        = number

  validation {
    condition     = var.records_per_second > 0
    error_message = "A stream that nobody writes to needs no shards."
  }
}

variable "retention_days" {
  type    = number
  default = 1
}

resource "aws_kinesis_stream" "this" {
  name             = var.name
  shard_count      = ceil(var.records_per_second / 1000)
  retention_period = 24 * var.retention_days
  encryption_type  = "KMS"
  kms_key_id       = "alias/aws/kinesis"
}

output "arn" {
  value = aws_kinesis_stream.this.arn
}

output "shards" {
  value = aws_kinesis_stream.this.shard_count
}
