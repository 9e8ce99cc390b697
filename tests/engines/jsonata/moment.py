"""A moment that always is the same."""

from types import SimpleNamespace

MOMENT = SimpleNamespace(
    now_ms=1_509_380_732_935,  # 2017-10-30T16:25:32.935Z
    chance=lambda: 0.25,
    uuid=lambda: "5cb4f4bb-0b9b-4a5f-8f4e-3f1f5ed1c0a9",
)
