"""An insurance company of four microservices, in the integration patterns of the AWS papers."""
