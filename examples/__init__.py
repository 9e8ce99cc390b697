"""Systems to deploy, read and copy."""
