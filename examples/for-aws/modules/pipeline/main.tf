# A stream, the functions that read it, and a queue for what they can't digest.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  prefix = "arn:${data.aws_partition.current.partition}"
  place  = "${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"
}

resource "aws_kinesis_stream" "this" {
  name             = var.name
  shard_count      = var.shards
  retention_period = 48
  encryption_type  = "KMS"
  kms_key_id       = aws_kms_alias.this.name

  # Autoscaling has its own opinion.
  lifecycle {
    ignore_changes = [shard_count]

    precondition {
      condition     = var.shards <= 10
      error_message = "More than ten shards are to be asked for."
    }
  }
}

resource "aws_kms_key" "this" {
  description         = "Records of ${var.name}"
  enable_key_rotation = true
}

resource "aws_kms_alias" "this" {
  name_prefix   = "alias/${var.name}-"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_sqs_queue" "dead_letters" {
  count = length(var.readers) > 0 ? 1 : 0

  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 7 * 24 * 60 * 60
  policy                    = data.aws_iam_policy_document.dead_letters.json
}

data "aws_iam_policy_document" "dead_letters" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["${local.prefix}:sqs:${local.place}:${var.name}-dead-letters"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["${local.prefix}:lambda:${local.place}:function:${var.name}-*"]
    }
  }
}

module "reader" {
  source   = "../reader"
  for_each = var.readers

  name         = "${var.name}-${each.key}"
  package      = var.package
  stream_arn   = aws_kinesis_stream.this.arn
  key_arn      = aws_kms_key.this.arn
  dead_letters = aws_sqs_queue.dead_letters[0].arn
  batch_size   = each.value.batch_size
  patterns     = each.value.patterns
}
