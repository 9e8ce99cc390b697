"""Amazon EventBridge Schemas."""
