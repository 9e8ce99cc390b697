"""What the console is made of: served as it is, by a strict policy, small, vendored with a record."""

from __future__ import annotations

import hashlib
import json
import re
import urllib.error
import urllib.request

import pytest

from undercast.console.pages import STATIC


def fetch(undercast, path, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(undercast.url + path, headers=headers)) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.mark.parametrize("path", ["/_undercast/", "/_undercast/stepfunctions/any/executions/one?state=x"])
def test_every_view_is_the_page(undercast, path):
    status, headers, body = fetch(undercast, path, Accept="text/html")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"<title>Undercast</title>" in body


def test_policy_lets_nothing_in_from_elsewhere(undercast):
    _, headers, body = fetch(undercast, "/_undercast/")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy
    assert not re.search(rb'(?:src|href)="(?!/_undercast/)', body)


def test_what_is_not_there_is_json_for_programs(undercast):
    status, headers, _ = fetch(undercast, "/_undercast/nothing")
    assert (status, headers["content-type"]) == (404, "application/json")


@pytest.mark.parametrize(
    "path", ["/_undercast/static/none.js", "/_undercast/static/../pages.py", "/_undercast/static/%2e%2e/pages.py"]
)
def test_only_its_files_are_served(undercast, path):
    assert fetch(undercast, path)[0] == 404


def test_a_file_that_is_known_is_not_sent_again(undercast):
    status, headers, body = fetch(undercast, "/_undercast/static/main.js")
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert body == (STATIC / "main.js").read_bytes()
    again = fetch(undercast, "/_undercast/static/main.js", **{"If-None-Match": headers["etag"]})
    assert (again[0], again[2]) == (304, b"")


def test_without_its_slash_it_is_found(undercast):
    assert fetch(undercast, "/_undercast")[2].startswith(b"<!doctype html>")


def test_own_paths_come_first(undercast):
    status, _, body = fetch(undercast, "/_undercast/health", Accept="text/html")
    assert (status, json.loads(body)["status"]) == (200, "running")


def test_a_page_is_small():
    assert (
        sum(path.stat().st_size for path in STATIC.rglob("*") if path.suffix in (".js", ".mjs", ".css", ".html"))
        < 300_000
    )


def test_vendored_files_are_as_recorded():
    record = json.loads((STATIC / "vendor" / "vendored.json").read_text())
    recorded = {name: file["sha256"] for package in record["packages"] for name, file in package["files"].items()}
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in STATIC.glob("vendor/*.mjs")}
    assert there == recorded
    for package in record["packages"]:
        assert package["version"] and package["license"] and package["integrity"].startswith("sha512-")
        assert (STATIC / "vendor" / package["licenseFile"]).stat().st_size > 500


def test_no_file_names_another_machine():
    for path in STATIC.rglob("*.js"):
        assert not re.findall(r"https?://(?!www\.w3\.org)", path.read_text()), path
