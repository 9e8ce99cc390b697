"""Across services, through real clients: what a system built on Undercast does from end to end."""
