# A stream that nobody has to size: on demand, with the records of a week and records of up to 2 MiB.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "on_demand" {
  description = "Whether AWS minds the number of shards; otherwise there are four."
  type        = bool
  default     = true
}

# An account may change the mode of a stream twice a day.
resource "aws_kinesis_stream" "clicks" {
  name                      = "clicks"
  shard_count               = var.on_demand ? null : 4
  retention_period          = 168
  max_record_size_in_kib    = 2048
  shard_level_metrics       = ["IncomingBytes", "OutgoingBytes"]
  enforce_consumer_deletion = true

  stream_mode_details {
    stream_mode = var.on_demand ? "ON_DEMAND" : "PROVISIONED"
  }

  tags = {
    team = "web"
  }

  timeouts {
    update = "10m"
  }
}

# What there really is, for whoever wants to know.
data "aws_kinesis_stream" "clicks" {
  name = aws_kinesis_stream.clicks.name
}

output "open_shards" {
  value = length(data.aws_kinesis_stream.clicks.open_shards)
}
