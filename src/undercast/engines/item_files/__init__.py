"""The files of DynamoDB's exports and imports: items as lines of DynamoDB JSON, Amazon Ion or CSV. Pure; no I/O."""
