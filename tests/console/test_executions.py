"""State machines and their executions, as a person goes through them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.console.workflows import chain, picking, sending


def node(page, name, status):
    """The state of the graph, once it looks like that."""
    found = page.locator(f'.node.was-{status}[data-state="{name}"]')
    found.wait_for()
    return found


def finished(sfn, arn, within=60):
    """Wait for the end of an execution: its own operation tells, the console is not asked."""
    import time  # noqa: PLC0415  the only wait that no event ends

    ends = time.monotonic() + within
    while (told := sfn.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < ends, told
    return told


def test_executions_are_filtered_searched_and_paged(console, machine, sfn):
    arn = machine(chain())
    for number in range(55):
        sfn.start_execution(stateMachineArn=arn, name=f"run-{number:02}", input=json.dumps({"amount": 1}))
    sfn.start_execution(stateMachineArn=arn, name="too-much", input=json.dumps({"amount": 999}))
    page = console.open("/stepfunctions")
    page.get_by_role("link", name="machine", exact=True).click()
    rows = page.locator("tbody tr")
    page.get_by_role("link", name="run-54").wait_for()
    assert rows.count() == 50
    console.shoot("executions")
    assert console.overflow() <= 0
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Older").click()
    page.get_by_role("link", name="run-00").wait_for()
    assert rows.count() == 6
    page.get_by_role("button", name="Failed").click()
    page.get_by_role("link", name="too-much").wait_for()
    assert rows.count() == 1 and "status=FAILED" in page.url
    page.get_by_role("button", name="All").click()
    page.get_by_label("Find by name").fill("run-1")
    page.get_by_role("link", name="run-19").wait_for()
    page.get_by_role("link", name="run-54").wait_for(state="detached")
    assert rows.count() == 10 and "q=run-1" in page.url
    page.reload()
    page.get_by_role("link", name="run-19").wait_for()
    assert rows.count() == 10, "the view is its address"


def test_new_rows_wait_to_be_let_in(console, machine, sfn):
    arn = machine(chain())
    sfn.start_execution(stateMachineArn=arn, name="old", input='{"amount": 1}')
    page = console.open("/stepfunctions/machine")
    page.get_by_role("link", name="old").wait_for()
    sfn.start_execution(stateMachineArn=arn, name="new", input='{"amount": 1}')
    page.get_by_role("button", name="1 new execution").wait_for()
    assert page.get_by_role("link", name="new").count() == 0
    page.get_by_role("button", name="1 new execution").click()
    page.get_by_role("link", name="new").wait_for()


def test_start_by_form_and_watch(console, machine, sfn):
    machine(chain())
    page = console.open("/stepfunctions/machine")
    page.get_by_role("link", name="Start an execution").click()
    field = page.get_by_label("Input")
    field.fill("{")
    page.get_by_text("This is not JSON yet").wait_for()
    assert page.get_by_role("button", name="Start", exact=True).is_disabled()
    field.fill('{"amount": 7}')
    page.get_by_label("Name").fill("by-hand")
    command = page.locator(".cli code").inner_text()
    assert "start-execution" in command and "--name by-hand" in command and """--input '{"amount":7}'""" in command
    console.shoot("start")
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("heading", name="by-hand").wait_for()
    node(page, "Large?", "succeeded")
    node(page, "Rest", "waiting")
    console.shoot("waiting")


def test_failure_comes_first_and_a_state_tells_all(console, machine, sfn):
    arn = sfn.start_execution(stateMachineArn=machine(chain()), name="dear", input='{"amount": 500}')["executionArn"]
    finished(sfn, arn)
    page = console.open("/stepfunctions/machine/executions/dear")
    alert = page.get_by_role("alert")
    alert.get_by_text("Order.TooLarge").wait_for()
    assert "Nobody may spend that much." in alert.inner_text()
    node(page, "Too much", "failed").click()
    details = page.get_by_label("State Too much")
    details.get_by_text("Order.TooLarge").first.wait_for()
    assert "state=Too+much" in page.url
    assert '"amount": 500' in details.inner_text()
    console.shoot("failed")
    assert console.overflow() <= 0
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("tab", name="Events").click()
    page.get_by_role("button", name="FailStateEntered").click()
    page.get_by_role("tab", name="Definition").click()
    assert "Order.TooLarge" in page.locator("mark").inner_text()
    console.shoot("definition")
    page.keyboard.press("Escape")
    assert "state=" not in page.url


def test_redrive_goes_on_from_what_failed(console, machine, sfn, sqs, queue, undercast):
    sqs.delete_queue(QueueUrl=queue)
    arn = sfn.start_execution(stateMachineArn=machine(sending(queue)), name="again", input='{"text": "hello"}')[
        "executionArn"
    ]
    undercast.advance(timedelta(seconds=5), stepwise=True)
    assert finished(sfn, arn)["status"] == "FAILED"
    page = console.open("/stepfunctions/machine/executions/again")
    send = node(page, "Send", "failed")
    assert "2/2" in send.text_content(), "both retries are shown"
    page.get_by_role("button", name="Command line for Redrive").click()
    page.get_by_text("aws stepfunctions redrive-execution").wait_for()
    console.shoot("redrive")
    undercast.advance(timedelta(minutes=2))  # a queue's name may be used again after a minute
    sqs.create_queue(QueueName="queue")
    page.get_by_role("button", name="Redrive from Send", exact=True).click()
    node(page, "Send", "succeeded")
    page.locator("h1 + .is-succeeded").wait_for()
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "hello"
    entries = page.get_by_role("list", name="Timeline").get_by_role("listitem")
    assert entries.count() == 2, "the first state ran once"
    assert "/2" not in node(page, "Send", "succeeded").text_content(), "its retries begin anew"
    console.shoot("redriven")


def test_stop(console, machine, sfn):
    arn = sfn.start_execution(stateMachineArn=machine(chain()), name="stopped", input='{"amount": 1}')["executionArn"]
    page = console.open("/stepfunctions/machine/executions/stopped")
    node(page, "Rest", "waiting")
    page.get_by_role("button", name="Stop", exact=True).click()
    node(page, "Rest", "stopped")
    assert finished(sfn, arn)["status"] == "ABORTED"


@pytest.mark.parametrize("count", [10, 1000])
def test_a_map_is_readable_with(console, machine, sfn, count):
    items = [{"n": number, "bad": number == count - 3} for number in range(count)]
    arn = sfn.start_execution(stateMachineArn=machine(picking()), name="items", input=json.dumps({"items": items}))[
        "executionArn"
    ]
    finished(sfn, arn)
    page = console.open("/stepfunctions/machine/executions/items")
    node(page, "Broken", "failed")
    drawn = page.locator(".graph .item")
    assert drawn.count() == (10 if count == 10 else 0)
    assert page.locator(".graph .items-bar").count() == (0 if count == 10 else 1)
    page.get_by_role("alert").get_by_role("button", name="Broken").click()
    assert f"item=Pick%3A{count - 3}" in page.url
    page.locator('.node.quiet[data-state="Fine"]').wait_for()  # this item did not come there
    page.locator('[data-state="Pick"] > .name').click()
    page.get_by_label("Search items").fill(str(count - 3))
    found = page.locator(".items button")
    assert "Item.Broken" in found.first.inner_text()
    console.shoot(f"map-{count}")
    assert console.overflow() <= 0


def test_ten_items_are_chosen_one_by_one(console, machine, sfn):
    items = [{"n": number, "bad": False} for number in range(10)]
    arn = sfn.start_execution(stateMachineArn=machine(picking()), name="ten", input=json.dumps({"items": items}))[
        "executionArn"
    ]
    finished(sfn, arn)
    page = console.open("/stepfunctions/machine/executions/ten")
    fine = node(page, "Fine", "succeeded")
    assert "×10" in fine.text_content()
    page.get_by_role("button", name="Item 4, succeeded").click()
    fine.get_by_text("×10").wait_for(state="detached")
    fine.click()
    page.get_by_text("item 4 of Pick").wait_for()
    assert '"n": 4' in page.get_by_label("State Fine").inner_text()


def test_the_call_of_a_function_with_its_log_lines(console, machine, sfn, aws, account):
    import io  # noqa: PLC0415  for this test alone
    import zipfile  # noqa: PLC0415

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(
            "app.py",
            "def handler(event, context):\n    print('charging', event['id'])\n    return {'paid': event['id']}\n",
        )
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
    }
    role = aws("iam").create_role(
        RoleName="any", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    function = aws("lambda").create_function(
        FunctionName="charge",
        Runtime="python3.11",
        Role=role,
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function["FunctionArn"], "Payload.$": "$"},
        "End": True,
    }
    arn = sfn.start_execution(
        stateMachineArn=machine({"StartAt": "Charge", "States": {"Charge": task}}), name="paid", input='{"id": "o-1"}'
    )["executionArn"]
    assert finished(sfn, arn)["status"] == "SUCCEEDED"
    page = console.open("/stepfunctions/machine/executions/paid?state=Charge&side=state")
    page.locator(".lines").get_by_text("charging o-1").wait_for()
    details = page.get_by_label("State Charge")
    assert '"paid": "o-1"' in details.inner_text()
    console.shoot("function")
    details.get_by_role("link", name="charge").click()
    page.get_by_role("heading", name="charge").wait_for()


def test_a_state_that_waits_for_an_answer_shows_how_to_give_it(console, machine, sfn, queue):
    parameters = {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token"}}
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": parameters}
    arn = machine({"StartAt": "Ask", "States": {"Ask": {**task, "End": True}}})
    sfn.start_execution(stateMachineArn=arn, name="asked")
    page = console.open("/stepfunctions/machine/executions/asked")
    node(page, "Ask", "waiting").click()
    command = page.get_by_label("State Ask").locator(".cli code").first.inner_text().split()
    sfn.send_task_success(taskToken=command[command.index("--task-token") + 1], output='{"yes": true}')
    node(page, "Ask", "succeeded")


def test_a_distributed_map_leads_to_its_children_and_back(console, machine, sfn, aws):
    s3 = aws("s3")
    s3.create_bucket(Bucket="console-invoices")
    s3.put_object(Bucket="console-invoices", Key="items.json", Body=json.dumps([{"n": number} for number in range(12)]))
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "console-invoices", "Key": "items.json"},
    }
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Send",
        "States": {"Send": {"Type": "Pass", "End": True}},
    }
    each = {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "End": True}
    arn = machine({"StartAt": "Each", "States": {"Each": each}})
    finished(sfn, sfn.start_execution(stateMachineArn=arn, name="november")["executionArn"])
    page = console.open("/stepfunctions/machine/executions/november?state=Each&side=state")
    page.locator(".graph .items-bar").get_by_text("12 of 12 items done").wait_for()
    children = page.get_by_label("Map run").locator(".items a")
    children.first.wait_for()
    assert children.count() == 12
    console.shoot("map-run")
    children.first.click()
    node(page, "Send", "succeeded")
    page.get_by_role("link", name="november").click()
    page.get_by_role("heading", name="november").wait_for()


def test_the_whole_graph_fits(console, machine, sfn):
    arn = sfn.start_execution(stateMachineArn=machine(picking()), name="fit", input='{"items": []}')["executionArn"]
    finished(sfn, arn)
    page = console.open("/stepfunctions/machine/executions/fit")
    node(page, "Both", "succeeded")
    page.get_by_role("button", name="Fit").click()
    page.get_by_role("button", name="Full size").wait_for()
    drawn, frame = page.locator('[data-state="Both"]').bounding_box(), page.locator(".graph").bounding_box()
    assert frame["y"] <= drawn["y"] and drawn["y"] + drawn["height"] <= frame["y"] + frame["height"]
    assert drawn["height"] > 100


def test_express_says_that_nothing_is_kept(console, machine):
    machine({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}, "quick", type="EXPRESS")
    page = console.open("/stepfunctions/quick")
    page.get_by_text("Express executions are not kept").wait_for()
    page.get_by_role("link", name="Start an execution").click()
    page.get_by_role("button", name="Start and wait for the result").click()
    page.get_by_text('"SUCCEEDED"').wait_for()


def test_what_is_not_there_is_a_sentence(console):
    page = console.open("/stepfunctions/none/executions/none")
    page.get_by_role("alert").get_by_text("ExecutionDoesNotExist").wait_for()
