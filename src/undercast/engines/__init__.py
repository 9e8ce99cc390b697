"""Small pure languages: they do no I/O, know no service, and keep nothing but caches."""

import undercast.recursion  # noqa: F401  those that evaluate by recursion need it
