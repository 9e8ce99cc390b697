"""The services that are here, by boto3 client name; each is a folder of that name and loads on first use."""

NAMES = (
    "cloudformation",
    "dynamodb",
    "dynamodbstreams",
    "apigateway",
    "s3",
    "iam",
    "lambda",
    "logs",
    "sns",
    "sqs",
    "sts",
    "ssm",
    "kinesis",
    "kms",
    "secretsmanager",
    "scheduler",
    "pipes",
    "firehose",
    "schemas",
    "events",
)
