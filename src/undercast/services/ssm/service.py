"""AWS Systems Manager on one screen: Parameter Store."""

from __future__ import annotations

from undercast.kit.service import Job, Service
from undercast.services.ssm import errors, expiry, labels, lists, parameters, tags

service = Service(
    "ssm",
    operations=(parameters, lists, labels, tags),
    errors=errors,
    jobs={"expire": Job(expiry.expire)},
)
