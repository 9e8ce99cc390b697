"""A function's own root, where Linux namespaces allow one: AWS's places, and nothing of others."""

import json
import os
from dataclasses import replace

import pytest

LOOK = """
import os
def look(path):
    try:
        return open(path).read() if os.path.isfile(path) else sorted(os.listdir(path))
    except OSError as error:
        return error.strerror
def write(path):
    try:
        open(path, "w").write("mine")
    except OSError as error:
        return error.strerror
def handler(event, context):
    return {**{path: look(path) for path in event.get("look", [])}, **{path: write(path) for path in event.get("write", [])}}
"""


@pytest.fixture
def isolated(make_lab):
    lab = make_lab()
    if not lab.run(lab.runtimes.isolated("python3.11")):
        pytest.skip("this machine allows no namespaces")
    return lab


def see(lab, spec, **event):
    return json.loads(lab.invoke(spec, json.dumps(event).encode()).payload)


def test_sees_its_own_and_nothing_of_others(isolated, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    spec = isolated.function(LOOK)
    seen = see(isolated, spec, look=["/var/task", "/opt", "/tmp", "/home", str(secret), str(isolated.folder)])
    assert seen["/var/task"] == ["app.py"] and seen["/opt"] == seen["/tmp"] == []
    assert seen["/home"] == seen[str(secret)] == seen[str(isolated.folder)] == "No such file or directory"


def test_tmp_is_its_own_and_code_is_read_only(isolated):
    spec = isolated.function(LOOK)
    wrote = see(isolated, spec, write=["/tmp/a", "/var/task/b", "/usr/undercast-test"])
    assert wrote["/tmp/a"] is None and wrote["/var/task/b"] == "Read-only file system"
    assert wrote["/usr/undercast-test"] is not None and not os.path.exists("/usr/undercast-test")
    assert see(isolated, spec, look=["/tmp/a"]) == {"/tmp/a": "mine"}  # the same environment
    assert see(isolated, isolated.function(LOOK), look=["/tmp"]) == {"/tmp": []}
    assert not (spec.code_dir / "b").exists()


def test_layers_are_merged_into_opt(isolated):
    layers = tuple(isolated.folder / f"layer{number}" for number in (1, 2))
    for layer in layers:
        isolated.write(layer / "both", layer.name)
        isolated.write(layer / "sub" / layer.name, "")
    spec = isolated.function(LOOK)
    seen = see(isolated, replace(spec, layer_dirs=layers), look=["/opt", "/opt/both", "/opt/sub"])
    assert seen == {"/opt": ["both", "sub"], "/opt/both": "layer2", "/opt/sub": ["layer1", "layer2"]}
    one = replace(spec, key="one", layer_dirs=layers[:1])
    assert see(isolated, one, look=["/opt/both"]) == {"/opt/both": "layer1"}


def test_functions_of_the_same_time_and_size_are_not_mistaken_for_one_another(isolated):
    """Both are /var/task/app.py: compiled modules are kept for each code."""
    specs = [isolated.function(f"def handler(event, context):\n    return {number}") for number in (1, 2)]
    for spec in [*specs, *[replace(spec, key=spec.key + "again") for spec in specs]]:
        assert isolated.invoke(spec).payload == spec.code_dir.joinpath("app.py").read_text()[-1].encode()


def test_boto3_works_without_being_installed_for_the_interpreter(isolated):
    code = "import boto3\ndef handler(event, context):\n    return boto3.client('sqs').meta.endpoint_url"
    for runtime in ("python3.11", "python3.12"):
        assert isolated.invoke(isolated.function(code, runtime)).payload == b'"http://127.0.0.1:4566"'
