"""Event sourcing with CQRS: a ledger."""
