provider "aws" {
  region = "eu-central-1"

  default_tags {
    tags = {
      team = "mill"
    }
  }
}

# Another region, and an emulator of its own.
provider "aws" {
  alias      = "far"
  region     = "us-west-2"
  access_key = "111122223333"
  secret_key = "test"

  endpoints {
    kinesis = "http://127.0.0.1:4567"
    lambda  = "http://127.0.0.1:4567"
  }
}
