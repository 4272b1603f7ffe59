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


data "aws_lambda_function" "example" {
  function_name = aws_lambda_function.example.function_name
}

output "timeout" {
  value = data.aws_lambda_function.example.timeout
}
