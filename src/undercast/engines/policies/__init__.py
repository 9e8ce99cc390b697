"""IAM policy documents: read, checked, and decided by.

    policy = policies.parse('{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}')
    policies.evaluate([policy], policies.Request("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111111111111:q")).allowed   # True

Source: "IAM JSON policy reference" and "Policy evaluation logic" in the IAM user guide; error texts as AWS sends them.
"""

from undercast.engines.policies.evaluation import Decision, Effect, Principal, Request, authorize, evaluate
from undercast.engines.policies.model import Condition, Policy, Principals, Statement
from undercast.engines.policies.parser import Kind, MalformedPolicy, parse

__all__ = [
    "Condition", "Decision", "Effect", "Kind", "MalformedPolicy", "Policy", "Principal", "Principals", "Request",
    "Statement", "authorize", "evaluate", "parse",
]  # fmt: skip
