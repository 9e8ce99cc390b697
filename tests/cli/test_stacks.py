"""`undercast deploy` and the commands around a stack: what people read, what scripts read, and the exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import chdir, closing
from functools import partial

import pytest
from click.testing import CliRunner

from undercast.cli.main import main
from undercast.pytest_plugin import InProcessPlatform

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters: { Name: { Type: String, Default: first } }
Resources:
  Queue: { Type: AWS::SQS::Queue, Properties: { QueueName: !Ref Name } }
Outputs:
  Name: { Value: !GetAtt Queue.QueueName }
"""
FUNCTION = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Echo:
    Type: AWS::Serverless::Function
    Properties: { FunctionName: echo, CodeUri: code, Handler: app.handler, Runtime: python3.12 }
"""
HANDLER = """
def handler(event, context):
    print("got", event)
    if event.get("fail"):
        raise ValueError("as told")
    return event
"""
FAILING = """
Resources:
  Bad: { Type: AWS::SQS::Queue, Properties: { VisibilityTimeout: 99999999 } }
"""


@pytest.fixture
def run(undercast, account, tmp_path):
    """Runs a subcommand against the platform, in this test's account and a folder of its own."""
    where = ["--url", undercast.url, "--account", account]
    return partial(_run, where, tmp_path)


def _run(where, folder, *arguments, input=None):
    with chdir(folder):
        done = CliRunner().invoke(main, [*arguments, *where], input=input)
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def run_ahead(account, tmp_path):
    """Runs a subcommand against a platform whose clock is a day ahead of ours."""
    with closing(InProcessPlatform()) as platform:
        platform.run(platform.platform.time.jump(86_400_000))
        yield partial(_run, ["--url", platform.url, "--account", account], tmp_path)


@pytest.fixture
def template(tmp_path):
    (tmp_path / "stack.yaml").write_text(TEMPLATE)


@pytest.fixture
def echo(run, tmp_path):
    deploy_echo(run, tmp_path)


def deploy_echo(run, tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text(HANDLER)
    (tmp_path / "echo.yaml").write_text(FUNCTION)
    done = run("deploy", "echo.yaml")
    assert done.returncode == 0, done.stderr


def test_deploy_says_what_comes_and_what_came(run, template):
    done = run("deploy", "stack.yaml")
    assert (done.returncode, done.stdout) == (0, "stack: CREATE_COMPLETE\n  Name  first\n")
    assert "CREATE_COMPLETE  Queue  AWS::SQS::Queue\n" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_deploy_again_updates_or_finds_nothing_to_do(run, template):
    run("deploy", "stack.yaml", "--stack", "s")
    assert "(nothing to change)" in run("deploy", "stack.yaml", "--stack", "s").stdout
    done = run("deploy", "stack.yaml", "--stack", "s", "--param", "Name=second", "--json")
    assert json.loads(done.stdout) == {
        "stack": "s",
        "status": "UPDATE_COMPLETE",
        "changed": True,
        "outputs": {"Name": "second"},
    }
    assert done.stderr == ""


def test_stacks_outputs_delete(run, template):
    assert "No stacks yet" in run("stacks").stdout
    run("deploy", "stack.yaml")
    assert "stack" in run("stacks").stdout
    (stack,) = json.loads(run("stacks", "--json").stdout)
    assert (stack["name"], stack["status"]) == ("stack", "CREATE_COMPLETE")
    assert json.loads(run("outputs", "stack", "--json").stdout) == {"Name": "first"}
    assert json.loads(run("delete", "stack", "--json").stdout) == {"stack": "stack", "status": "DELETE_COMPLETE"}
    assert json.loads(run("stacks", "--json").stdout) == []


def test_failing_stack_says_why_in_one_line_and_is_made_anew(run, tmp_path, template):
    (tmp_path / "bad.yaml").write_text(FAILING)
    done = run("deploy", "bad.yaml", "--stack", "s", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (1, "ROLLBACK_COMPLETE")
    assert done.stderr.startswith("undercast: Bad (AWS::SQS::Queue): ")
    assert done.stderr.count("\n") == 1
    assert run("deploy", "stack.yaml", "--stack", "s").returncode == 0


def test_only_this_change_is_told_of_when_the_clock_is_ahead(run_ahead, template, tmp_path):
    assert run_ahead("deploy", "stack.yaml").returncode == 0
    for name in ("Bad", "Worse"):
        (tmp_path / "stack.yaml").write_text(
            TEMPLATE.replace(
                "Outputs:",
                f"  {name}: {{ Type: AWS::SQS::Queue, Properties: {{ VisibilityTimeout: 99999999 }} }}\nOutputs:",
            )
        )
        done = run_ahead("deploy", "stack.yaml")
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith(f"undercast: {name} (AWS::SQS::Queue): ")
    assert "Bad" not in done.stderr


def test_logs_since_goes_by_the_platforms_clock(run_ahead, tmp_path):
    deploy_echo(run_ahead, tmp_path)
    run_ahead("invoke", "echo", '{"n": 1}')
    run_ahead("clock", "advance", "1h")
    run_ahead("invoke", "echo", '{"n": 2}')
    said = run_ahead("logs", "echo", "--since", "1800").stdout
    assert "'n': 2" in said
    assert "'n': 1" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Resources: [", "undercast: bad.yaml: "),
        (FUNCTION, "undercast: bad.yaml: Echo names CodeUri: code, and there is nothing at "),
    ],
)
def test_bad_template_is_one_sentence(run, tmp_path, text, said):
    (tmp_path / "bad.yaml").write_text(text)
    done = run("deploy", "bad.yaml")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(said)


def test_param_wants_a_value(run, template):
    done = run("deploy", "stack.yaml", "--param", "Name")
    assert (done.returncode, "KEY=VALUE, not Name" in done.stderr) == (2, True)


@pytest.mark.parametrize("command", [("outputs", "none"), ("delete", "none"), ("invoke", "none"), ("logs", "none")])
def test_what_is_not_there_is_one_sentence(run, command):
    done = run(*command)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "none" in done.stderr


def test_invoke_answers_and_shows_the_log(run, echo, tmp_path):
    assert json.loads(run("invoke", "echo", '{"a": 1}').stdout) == {"a": 1}
    assert json.loads(run("invoke", "echo", "-", input='{"b": 2}').stdout) == {"b": 2}
    (tmp_path / "event.json").write_text('{"c": 3}')
    done = run("invoke", "echo", "@event.json", "--log")
    assert json.loads(done.stdout) == {"c": 3}
    assert "got {'c': 3}" in done.stderr


def test_invoke_of_a_function_that_fails_exits_1(run, echo):
    done = run("invoke", "echo", '{"fail": true}')
    assert (done.returncode, json.loads(done.stdout)["errorMessage"]) == (1, "as told")


def test_misspelt_function_gets_a_suggestion(run, echo):
    assert "Did you mean echo?" in run("invoke", "ecko").stderr


def test_logs_are_lines_or_one_json_list(run, echo):
    run("invoke", "echo", '{"a": 1}')
    assert "got {'a': 1}\n" in run("logs", "echo").stdout
    events = json.loads(run("logs", "echo", "--json").stdout)
    assert "got {'a': 1}\n" in [event["message"] for event in events]


def test_logs_follow_shows_what_comes(run, echo, undercast, account):
    command = [sys.executable, "-m", "undercast.cli.main", "logs", "echo", "--follow", "--json"]
    run("invoke", "echo", '{"n": 1}')
    with subprocess.Popen(
        [*command, "--url", undercast.url, "--account", account], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            messages = (json.loads(line)["message"] for line in process.stdout)
            assert any("got {'n': 1}" in message for message in messages)
            run("invoke", "echo", '{"n": 2}')
            assert any("got {'n': 2}" in message for message in messages)
        finally:
            process.kill()
