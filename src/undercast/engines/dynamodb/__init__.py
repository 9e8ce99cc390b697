"""DynamoDB's data and expressions: numbers, attribute values, keys, and the expression language. Pure; no I/O."""
