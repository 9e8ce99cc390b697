"""Errors whose message names what they are about."""

from undercast.kit.errors import ServiceError


class About(ServiceError):
    """An error whose message names what it is about, as `Invalid Name: 'a*b'`."""

    prefix = ""

    def __init__(self, about: str) -> None:
        super().__init__(f"{self.prefix}: '{about}'")
