"""Reading the ARNs that SNS takes."""

from __future__ import annotations

from undercast.kit.arn import Arn
from undercast.services.sns.errors import invalid


def parse(text: str, parameter: str) -> Arn:
    """An ARN of SNS. InvalidParameter that names the parameter."""
    parts = text.split(":")
    if len(parts) < 6:  # recorded: test_get_platform_application_attributes_invalid_arn
        raise invalid(parameter, f"An ARN must have at least 6 elements, not {len(parts)}")
    try:
        arn = Arn.parse(text)
    except ValueError:
        raise invalid(parameter) from None
    if arn.service != "sns":
        raise invalid(parameter)
    return arn


def topic(text: str, region: str = "", parameter: str = "TopicArn") -> Arn:
    """A topic's ARN; in `region`, if that is given."""
    arn = parse(text, parameter)
    if ":" in arn.resource or "/" in arn.resource or (region and arn.region != region):
        raise invalid(parameter)
    return arn


def subscription(text: str) -> tuple[Arn, str]:
    """A subscription's ARN as that of its topic and its id."""
    arn = parse(text, "SubscriptionArn")
    name, colon, id = arn.resource.partition(":")
    if not colon or not id:
        raise invalid("SubscriptionArn", f"An ARN must have at least 7 elements, not {len(text.split(':'))}")
    return arn._replace(resource=name), id
