resource "aws_kinesis_stream" "example" {
  name        = "example"
  shard_count = 1
}

resource "aws_iam_role" "example" {
  name = "example"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# function.zip holds handler.py.
resource "aws_lambda_function" "example" {
  function_name    = "example"
  role             = aws_iam_role.example.arn
  filename         = "function.zip"
  source_code_hash = filebase64sha256("function.zip")
  handler          = "handler.handle"
  runtime          = "python3.13"
}

resource "aws_lambda_event_source_mapping" "example" {
  event_source_arn  = aws_kinesis_stream.example.arn
  function_name     = aws_lambda_function.example.arn
  starting_position = "LATEST"
  batch_size        = 100

  filter_criteria {
    filter {
      pattern = jsonencode({ data = { kind = ["order"] } })
    }
  }
}
