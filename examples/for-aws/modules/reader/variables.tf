variable "name" {
  type = string
}

variable "package" {
  type = string
}

variable "stream_arn" {
  type = string
}

variable "key_arn" {
  type = string
}

variable "dead_letters" {
  type = string
}

variable "batch_size" {
  type = number
}

variable "patterns" {
  type = list(string)
}
