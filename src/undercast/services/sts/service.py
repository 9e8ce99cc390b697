"""AWS STS on one screen. It keeps no sessions: a session token says all that there is to know of one."""

from undercast.kit.service import Service
from undercast.services.sts import callers, credentials, errors, roles

service = Service(
    "sts", operations=(callers, roles), errors=errors, secret=credentials.secret, without=("MinimumSessionTokenSize",)
)
