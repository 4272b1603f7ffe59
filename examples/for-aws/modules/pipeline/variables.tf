variable "name" {
  type = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]+$", var.name))
    error_message = "A name has small letters, digits and hyphens."
  }
}

variable "package" {
  description = "The zip with the functions' code."
  type        = string
}

variable "shards" {
  type    = number
  default = 1
}

variable "readers" {
  type = map(object({
    batch_size = number
    patterns   = list(string)
  }))
  default = {}
}
