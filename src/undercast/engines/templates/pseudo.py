"""The pseudo parameters: what every template may Ref without declaring it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NO_VALUE = object()
"""What Ref AWS::NoValue gives: the property or item that has it is left out."""

NAMES = frozenset(
    [
        "AWS::AccountId",
        "AWS::NoValue",
        "AWS::NotificationARNs",
        "AWS::Partition",
        "AWS::Region",
        "AWS::StackId",
        "AWS::StackName",
        "AWS::URLSuffix",
    ]
)


@dataclass(frozen=True)
class Pseudo:
    """Where and as which stack a template is evaluated. `zones` gives a region's availability zones if not a, b, c."""

    account_id: str
    region: str
    stack_id: str
    stack_name: str
    notification_arns: tuple[str, ...] = ()
    zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def partition(self) -> str:
        """The AWS partition of the region."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def url_suffix(self) -> str:
        """The domain of the partition's endpoints."""
        return "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"

    def value(self, name: str) -> Any:
        """The value of a pseudo parameter. Raises KeyError for any other name."""
        return {
            "AWS::AccountId": self.account_id,
            "AWS::NoValue": NO_VALUE,
            "AWS::NotificationARNs": list(self.notification_arns),
            "AWS::Partition": self.partition,
            "AWS::Region": self.region,
            "AWS::StackId": self.stack_id,
            "AWS::StackName": self.stack_name,
            "AWS::URLSuffix": self.url_suffix,
        }[name]

    def zones_of(self, region: str) -> list[str]:
        """The availability zones of a region; of this one if `region` is empty."""
        region = region or self.region
        return list(self.zones.get(region, tuple(region + letter for letter in "abc")))
