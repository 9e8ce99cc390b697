"""Clients that err, attack or vanish: always an answer of AWS, never a traceback, a hang or a leak."""
