"""AWS STS on one screen. It keeps nothing: a session token says all that there is to know of a session."""

from undercast.kit.service import Service
from undercast.services.sts import callers, errors, roles

service = Service("sts", operations=(callers, roles), errors=errors, without=("MinimumSessionTokenSize",))
