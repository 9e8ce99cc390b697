"""What goes wrong with a path."""


class JsonPathError(Exception):
    """The path is wrong or leads nowhere."""


class InvalidJsonPath(JsonPathError):
    """The text is no path."""


class PathNotFound(JsonPathError):
    """A definite path leads to nothing in this document."""
