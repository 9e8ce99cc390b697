"""The services that are here, by boto3 client name; each is a folder of that name and loads on first use."""

NAMES = (
    "cloudformation",
    "apigateway",
    "s3",
    "iam",
    "lambda",
    "logs",
    "sns",
    "sqs",
    "sts",
    "ssm",
    "kms",
    "secretsmanager",
)
