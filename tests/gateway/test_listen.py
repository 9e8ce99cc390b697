"""HTTP and HTTPS on one port."""

from __future__ import annotations

import json
import ssl
import urllib.request
from urllib.parse import urlsplit


def test_https_on_the_same_port(undercast):
    port = urlsplit(undercast.url).port
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with urllib.request.urlopen(f"https://localhost:{port}/_undercast/health", context=context) as answer:
        assert json.load(answer)["status"] == "running"


def test_boto3_over_https(undercast, aws):
    port = urlsplit(undercast.url).port
    sqs = aws("sqs", endpoint_url=f"https://localhost:{port}", verify=False)
    assert sqs.create_queue(QueueName="secure")["QueueUrl"].startswith("https://")


def test_localstack_health(undercast):
    with urllib.request.urlopen(f"{undercast.url}/_localstack/health") as answer:
        assert json.load(answer)["services"]["sqs"] in ("available", "running")
