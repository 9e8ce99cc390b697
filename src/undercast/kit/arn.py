"""Amazon Resource Names."""

from __future__ import annotations

from typing import NamedTuple


class Arn(NamedTuple):
    """`arn:aws:{service}:{region}:{account}:{resource}`."""

    service: str
    region: str
    account: str
    resource: str
    partition: str = "aws"

    @classmethod
    def parse(cls, text: str) -> Arn:
        """Read an ARN. ValueError when `text` is none."""
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
            raise ValueError(f"not an ARN: {text}")
        return cls(service=parts[2], region=parts[3], account=parts[4], resource=parts[5], partition=parts[1])

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def partition(region: str) -> str:
    """The partition a region belongs to."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
