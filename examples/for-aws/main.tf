# A configuration as it stands in many a company: written for hashicorp/aws, with its version, a module, two regions and tags
# for everything. `millrace tf init`, `plan`, `apply`, `test` and `destroy` take it as it is.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias  = "standby"
  region = "eu-central-1"

  default_tags {
    tags = local.tags
  }
}

locals {
  tags = {
    service = "telemetry"
    owner   = "platform"
  }
}

variable "readers" {
  description = "The functions that read the stream: by name, what each of them wants to see."
  type = map(object({
    batch_size = optional(number, 100)
    patterns   = optional(list(string), [])
  }))

  default = {
    store = {}
    alarm = {
      batch_size = 10
      patterns   = ["{\"data\": {\"level\": [\"error\"]}}"]
    }
  }
}

module "pipeline" {
  source = "./modules/pipeline"

  name    = "telemetry"
  package = "${path.module}/function.zip"
  shards  = 2
  readers = var.readers
}

module "standby" {
  source = "./modules/pipeline"

  name    = "telemetry-standby"
  package = "${path.module}/function.zip"

  providers = {
    aws = aws.standby
  }
}

# It had another name once.
moved {
  from = module.stream
  to   = module.pipeline
}

output "streams" {
  value = [module.pipeline.stream_arn, module.standby.stream_arn]
}

output "dead_letters" {
  value = module.pipeline.dead_letters
}
