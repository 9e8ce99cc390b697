"""Undercast: the AWS serverless microservices architecture as one durable program."""

__version__ = "0.1.0"
