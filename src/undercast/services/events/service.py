"""Amazon EventBridge on one screen."""

from __future__ import annotations

from undercast.kit.service import Job, Service, exponential
from undercast.services.events import (
    archives,
    buses,
    connections,
    credentials,
    delivery,
    destinations,
    endpoints,
    errors,
    publishing,
    receiving,
    replaying,
    replays,
    rules,
    sweeps,
    tagging,
    targets,
    ticking,
)

service = Service(
    "events",
    operations=(
        archives,
        buses,
        connections,
        destinations,
        endpoints,
        publishing,
        replays,
        rules,
        tagging,
        targets,
    ),
    errors=errors,
    receive=receiving.receive_event,
    jobs={
        "authorize": Job(
            credentials.authorize, attempts=3, backoff_s=exponential(5), exhausted=credentials.not_authorized
        ),
        "deauthorize": Job(credentials.deauthorize),
        "drain": Job(sweeps.drain),
        "expire": Job(sweeps.expire),
        "replay": Job(replaying.replay),
        "retry": Job(delivery.try_again),
        "send": Job(delivery.send_outside, at_once=64),
        "tick": Job(ticking.tick),
    },
)
