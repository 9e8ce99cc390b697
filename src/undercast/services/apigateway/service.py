"""Amazon API Gateway (REST APIs) on one screen."""

from __future__ import annotations

from undercast.kit.service import Service
from undercast.services.apigateway import (
    apis,
    authorizers,
    deployments,
    documentation,
    errors,
    exports,
    imports,
    integrations,
    keys,
    methods,
    plans,
    resources,
    responses,
    schemas,
    stages,
    trials,
)
from undercast.services.apigateway.execute import gateway

service = Service(
    "apigateway",
    operations=(
        apis,
        resources,
        methods,
        integrations,
        schemas,
        authorizers,
        responses,
        deployments,
        stages,
        keys,
        plans,
        documentation,
        imports,
        exports,
        trials,
    ),
    errors=errors,
    without=(
        "additionalContext",
        "cacheClusterSize",
        "clientCertificateId",
        "connectionId",
        "integrationTarget",
        "jwtConfiguration",
        "locationStatus",
    ),
    http=gateway.http,
    start=gateway.start,
    stop=gateway.stop,
)
