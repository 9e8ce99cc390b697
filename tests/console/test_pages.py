"""The pages around executions: overview, stacks, services, search, keyboard, clock, account and region, theme."""

from __future__ import annotations

import json
import re

import pytest

from tests.console.conftest import Console
from tests.console.workflows import chain
from undercast.pytest_plugin import InProcessPlatform

TEMPLATE = {
    "Description": "A shop",
    "Resources": {
        "Orders": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "shop-orders"}},
        "News": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "shop-news"}},
    },
}


@pytest.fixture
def shop(aws):
    """A stack of two things, and a queue of nobody."""
    cloudformation = aws("cloudformation")
    cloudformation.create_stack(StackName="shop", TemplateBody=json.dumps(TEMPLATE))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="shop", WaiterConfig={"Delay": 1})
    aws("sqs").create_queue(QueueName="lonely")


def test_overview_goes_by_stack(console, shop):
    page = console.open("/")
    page.get_by_role("region", name="shop", exact=True).get_by_role("link", name="shop-orders").wait_for()
    assert page.get_by_role("region", name="shop", exact=True).get_by_role("link", name="shop-news").count() == 1
    loose = page.get_by_role("region", name="Without a stack")
    assert loose.get_by_role("link", name="lonely").count() == 1
    assert loose.get_by_role("link", name="shop-orders").count() == 0
    side = page.get_by_role("navigation", name="Systems")
    assert side.get_by_role("link", name="Queues").is_visible()
    assert not side.get_by_role("link", name="Streams", exact=True).is_visible(), "what is not in use is folded"
    console.shoot("overview")
    assert console.overflow() <= 0


def test_from_the_stack_to_its_thing_and_back(console, shop):
    page = console.open("/")
    page.get_by_role("link", name="shop", exact=True).click()
    page.get_by_role("cell", name="shop-orders").get_by_role("link").click()
    page.get_by_role("heading", name="shop-orders").wait_for()
    assert "/services/sqs/shop-orders" in page.url
    page.get_by_role("link", name="shop", exact=True).wait_for()
    page.go_back()
    page.get_by_role("heading", name="shop", exact=True).wait_for()


def test_what_is_made_appears_by_itself(console, sqs):
    page = console.open("/services/sqs")
    page.get_by_text("There is no queue here yet").wait_for()
    console.shoot("empty")
    sqs.create_queue(QueueName="brand-new")
    page.get_by_role("link", name="brand-new").wait_for()


def test_a_list_that_goes_on_says_so(console, aws):
    apigateway = aws("apigateway")
    for number in range(26):
        apigateway.create_rest_api(name=f"api-{number}")
    page = console.open("/services/apigateway")
    page.get_by_text("These are the first").wait_for()
    page.get_by_role("link", name="REST APIs 25+").wait_for()


def test_an_empty_account_teaches(console):
    page = console.open("/")
    page.get_by_text("Nothing runs in this account and region yet").wait_for()
    assert page.get_by_text("sam deploy --guided").is_visible()


def test_search_finds_and_opens(console, shop, machine, sfn):
    sfn.start_execution(stateMachineArn=machine(chain(), "orders-flow"), name="order-7", input='{"amount": 1}')
    page = console.open("/")
    page.get_by_role("link", name="orders-flow").first.wait_for()
    page.keyboard.press("/")
    page.keyboard.type("order-7")
    page.get_by_role("option", name="order-7").wait_for()
    console.shoot("search")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="order-7").wait_for()
    assert "/stepfunctions/orders-flow/executions/order-7" in page.url


def test_keyboard_moves_opens_and_goes_back(console, machine):
    for name in ("first", "second"):
        machine(chain(), name)
    page = console.open("/stepfunctions")
    page.get_by_role("link", name="second").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "first"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="first").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="State machines").wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keyboard").wait_for()
    console.shoot("keyboard")
    page.keyboard.press("Escape")
    page.get_by_role("dialog", name="Keyboard").wait_for(state="detached")


def test_clock_is_moved_from_here(console, undercast, machine, sfn):
    run = sfn.start_execution(stateMachineArn=machine(chain()), name="waits", input='{"amount": 1}')["executionArn"]
    page = console.open("/stepfunctions/machine/executions/waits")
    page.locator('.node.was-waiting[data-state="Rest"]').wait_for()
    page.get_by_title("the platform's time").click()
    page.get_by_text("undercast clock advance").wait_for()
    page.get_by_label("How long").fill("1h")
    console.shoot("clock")
    page.get_by_role("button", name="Advance").click()
    page.locator('.node.was-succeeded[data-state="Done"]').wait_for()
    assert sfn.describe_execution(executionArn=run)["status"] == "SUCCEEDED"
    assert re.match(r"\+1 h 0\d m|\+\d", page.locator(".clock .wide").inner_text())


def test_another_region_is_another_world(console, aws):
    aws("sqs", region_name="eu-west-1").create_queue(QueueName="abroad")
    page = console.open("/")
    page.get_by_text("Nothing runs in this account").wait_for()
    page.get_by_role("button", name="Account and region").click()
    page.get_by_label("Region", exact=True).fill("eu-west-1")
    page.get_by_role("button", name="Go there").click()
    page.get_by_role("link", name="abroad").wait_for()
    assert "region=eu-west-1" in page.url
    page.get_by_role("link", name="abroad").click()
    page.get_by_role("heading", name="abroad").wait_for()
    assert "region=eu-west-1" in page.url, "links stay in the region"
    assert "--region eu-west-1" in page.locator(".same code").inner_text()


def test_colours_are_chosen_and_kept(console):
    page = console.open("/")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    before = page.evaluate(ground)
    page.get_by_role("button", name="Colours").click()
    page.get_by_role("button", name="Colours").click()
    assert page.evaluate(ground) != before
    page.reload()
    page.get_by_role("button", name="Colours: dark").wait_for()
    assert page.evaluate(ground) != before


def test_on_a_phone_the_left_folds(console, shop):
    page = console.open("/")
    page.get_by_role("link", name="lonely").wait_for()
    page.set_viewport_size({"width": 390, "height": 844})
    side = page.get_by_role("navigation", name="Systems")
    assert not side.is_visible()
    page.get_by_role("button", name="Systems").click()
    side.get_by_role("link", name="Queues").click()
    page.get_by_role("heading", name="Queues").wait_for()
    assert not side.is_visible()
    assert console.overflow() <= 0


def test_an_address_without_a_page_says_so(console):
    console.open("/nothing/here").get_by_role("heading", name="No such page").wait_for()


def test_a_platform_that_went_away_is_said(browser, screenshots):
    platform = InProcessPlatform()
    context = browser.new_context()
    page = Console(context.new_page(), platform.url, "000000000000", screenshots).open("/")
    page.get_by_text("Nothing runs in this account").wait_for()
    platform.close()
    page.get_by_text("Undercast does not answer; what is shown may be old").wait_for()
    context.close()
