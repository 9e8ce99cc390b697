"""The patterns, each driven with real payments, good and bad, and checked."""

from __future__ import annotations

import time
from pathlib import Path

from examples.platform import Platform
from examples.report import Report, check, deploy, expect, until

HERE = Path(__file__).parent
PAYMENT = {"customerId": "ann", "policyId": "home-17", "amount": 120.5}


def single_api(platform: Platform, report: Report) -> None:
    """API gateway pattern, one API for all services."""
    report.pattern(
        "API gateway, a single API", "Payments calls Customer, Sales and Communication and answers when all have."
    )
    api = _deploy(platform, report, "single-api.yaml")["Api"]
    expect(platform.api(api, "PUT", "/customers/ann", {"name": "Ann"}), 200)
    status, body, ms = expect(platform.api(api, "POST", "/payments", PAYMENT), 201)
    check(body["paid"] == 120.5 and body["commission"] == 6.03, f"the answer was {body}")
    report.step(
        f"POST /payments -> Payments -> Customer, Sales, Communication -> {status}, letter {body['letter']}", ms
    )
    _, _, warm = expect(platform.api(api, "POST", "/payments", PAYMENT), 201)
    report.step("the same again, with every function warm", warm)
    _, body, ms = expect(platform.api(api, "POST", "/payments", {**PAYMENT, "customerId": "nobody"}), 422)
    report.step(f"a payment of nobody -> 422 {body['message']!r}", ms)
    _, body, ms = expect(platform.api(api, "POST", "/payments", {**PAYMENT, "amount": -1}), 400)
    report.step(f"a payment of -1 -> 400 {body['message']!r}, refused by the API's model before any function ran", ms)
    _, body, _ = expect(platform.api(api, "GET", "/customers/ann"), 200)
    check(body["payments"] == 2, f"Customer knows {body}")
    report.step(f"Customer has counted each payment once: paid {body['paid']}")


def api_per_service(platform: Platform, report: Report) -> None:
    """API gateway pattern, an API for each service."""
    report.pattern("API gateway, an API per microservice", "The same services, each behind an API of its own.")
    outputs = _deploy(platform, report, "api-per-service.yaml")
    expect(platform.api(outputs["CustomerApi"], "PUT", "/customers/ann", {"name": "Ann"}), 200)
    status, body, ms = expect(platform.api(outputs["PaymentsApi"], "POST", "/payments", PAYMENT), 201)
    report.step(f"Payments' API -> three other APIs -> {status}, commission {body['commission']}", ms)


def messaging(platform: Platform, report: Report) -> None:
    """Decoupled messaging, with a consumer that stops and a platform that is killed."""
    report.pattern("Decoupled messaging", "Payments queues and answers at once; Sales takes what it can, when it can.")
    outputs = _deploy(platform, report, "messaging.yaml")
    api = outputs["Api"]
    _, body, ms = expect(platform.api(api, "POST", "/payments", PAYMENT), 202)
    report.step(f"POST /payments -> 202 with request id {body['requestId']}", ms)
    waited = until(lambda: _status(platform, api, body["requestId"]) == "PROCESSED", "the payment is processed")
    report.step("GET /requests/{id} -> PROCESSED", waited)

    (consumer,) = platform.client("lambda").list_event_source_mappings(FunctionName=outputs["Sales"])[
        "EventSourceMappings"
    ]
    platform.client("lambda").update_event_source_mapping(UUID=consumer["UUID"], Enabled=False)
    until(lambda: _mapping_state(platform, consumer["UUID"]) == "Disabled", "the consumer stops")
    began = time.perf_counter()
    requests = [expect(platform.api(api, "POST", "/payments", PAYMENT), 202)[1]["requestId"] for _ in range(20)]
    report.step("Sales is stopped; 20 more payments are accepted all the same", 1000 * (time.perf_counter() - began))
    waiting = _count(platform, outputs["SalesQueue"])
    check(waiting == 20, f"{waiting} messages wait")
    platform.kill()
    restarted = platform.start()
    check(_count(platform, outputs["SalesQueue"]) == 20, "messages were lost with the platform")
    report.step("kill -9 of the platform and start: all 20 messages are still there", 1000 * restarted)
    platform.client("lambda").update_event_source_mapping(UUID=consumer["UUID"], Enabled=True)
    waited = until(
        lambda: all(_status(platform, api, request) == "PROCESSED" for request in requests), "the backlog is processed"
    )
    report.step("Sales goes on: all 20 PROCESSED", waited)
    sales = _objects(platform, outputs["SalesData"], "sales/")
    check(sales == 21, f"{sales} sales were booked for 21 payments")
    report.step("each of the 21 payments is booked exactly once")
    _poison(platform, report, api, outputs["SalesDeadLetters"])


def publish_subscribe(platform: Platform, report: Report) -> None:
    """Publish/subscribe by SNS."""
    report.pattern(
        "Publish/subscribe by SNS", "One payment is published once; each service that subscribed gets its own copy."
    )
    _subscribers(platform, report, "publish-subscribe.yaml", "one message on the topic", "its filter policy")


def one_event(platform: Platform, report: Report) -> None:
    """Publish/subscribe by EventBridge: one event, three rules."""
    report.pattern(
        "Publish/subscribe by EventBridge, one event", "Payments puts one event; three rules say who wants which."
    )
    _subscribers(platform, report, "one-event.yaml", "one event on the bus", "its rule")


def several_events(platform: Platform, report: Report) -> None:
    """Publish/subscribe by EventBridge: three events of three types."""
    report.pattern(
        "Publish/subscribe by EventBridge, several events", "A payment is three events, one for each service's rule."
    )
    _subscribers(platform, report, "several-events.yaml", "three events on the bus", "its rule")


def _subscribers(platform: Platform, report: Report, template: str, published: str, filter: str) -> None:
    """What all kinds of publish/subscribe promise alike."""
    outputs = _deploy(platform, report, template)
    _, _, ms = expect(platform.api(outputs["Api"], "POST", "/payments", PAYMENT), 202)
    report.step(f"POST /payments -> 202, {published}", ms)
    buckets = {"CustomerData": "paid/", "SalesData": "sales/", "CommunicationData": "letters/"}
    waited = until(
        lambda: all(_objects(platform, outputs[bucket], prefix) == 1 for bucket, prefix in buckets.items()),
        "all three subscribers have the payment",
    )
    report.step("Customer, Sales and Communication have it", waited)
    expect(platform.api(outputs["Api"], "POST", "/payments", {**PAYMENT, "receipt": "none"}), 202)
    until(lambda: _objects(platform, outputs["SalesData"], "sales/") == 2, "Sales has the second payment")
    until(lambda: _objects(platform, outputs["CustomerData"], "paid/") == 2, "Customer has the second payment")
    check(_objects(platform, outputs["CommunicationData"], "letters/") == 1, "a letter was sent that nobody wanted")
    report.step(f"a payment without receipt reaches Customer and Sales only: Communication has {filter}")


def _poison(platform: Platform, report: Report, api: str, dead_letters: str) -> None:
    """A payment that Sales can never book ends in the dead-letter queue; the clock makes its waits short."""
    _, body, _ = expect(platform.api(api, "POST", "/payments", {**PAYMENT, "amount": -5}), 202)

    def given_up() -> bool:
        platform.advance(61)
        return _count(platform, dead_letters) == 1

    waited = until(given_up, "the bad payment is in the dead-letter queue", pause_s=0.2)
    check(_status(platform, api, body["requestId"]) == "ACCEPTED", "the bad payment was processed")
    report.step(
        "a payment of -5 fails three times and lies in the dead-letter queue (the clock was moved past its waits)",
        waited,
    )


def _deploy(platform: Platform, report: Report, template: str) -> dict[str, str]:
    return deploy(platform, report, HERE / template)


def _status(platform: Platform, api: str, request: str) -> str:
    status: str = expect(platform.api(api, "GET", f"/requests/{request}"), 200)[1]["status"]
    return status


def _mapping_state(platform: Platform, uuid: str) -> str:
    state: str = platform.client("lambda").get_event_source_mapping(UUID=uuid)["State"]
    return state


def _count(platform: Platform, queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = platform.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(counts[name]) for name in names)


def _objects(platform: Platform, bucket: str, prefix: str) -> int:
    count: int = platform.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"]
    return count
