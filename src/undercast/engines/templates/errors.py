"""What is wrong with a template, in CloudFormation's words."""

from __future__ import annotations

MAX_DEPTH = 100  # ours: a template nested deeper is refused, so that what walks it may recurse


class TemplateError(Exception):
    """A template, or a value given for it, that CloudFormation refuses. AWS answers code ValidationError (400)."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def format_error(text: str) -> TemplateError:
    """The template is not one."""
    return TemplateError(f"Template format error: {text}")


def function_error(text: str) -> TemplateError:
    """A function in it is used wrongly."""
    return TemplateError(f"Template error: {text}")
