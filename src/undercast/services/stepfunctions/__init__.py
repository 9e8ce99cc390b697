"""AWS Step Functions: workflows that survive whatever happens to the process."""
