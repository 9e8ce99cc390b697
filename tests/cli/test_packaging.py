"""Local paths in a template: which properties may hold one, and what becomes of it."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from undercast.cli.packaging import MissingPath, package


@pytest.fixture
def uploads():
    """What was uploaded, by key."""
    return {}


@pytest.fixture
def packaged(tmp_path, uploads):
    """Packages resources given as a template; the resources as they would be deployed."""

    def upload(content, ending):
        key = f"{len(uploads)}{ending}"
        uploads[key] = content
        return "bucket", key

    def run(resources, **more):
        template = tmp_path / "template.json"
        template.write_text(json.dumps({"Resources": resources, **more}))
        return json.loads(package(template, upload))["Resources"]

    return run


def one(kind, **properties):
    return {"R": {"Type": kind, "Properties": properties}}


def names(content):
    return sorted(zipfile.ZipFile(io.BytesIO(content)).namelist())


@pytest.fixture
def code(tmp_path):
    (tmp_path / "code" / "__pycache__").mkdir(parents=True)
    (tmp_path / "code" / "app.py").write_text("x = 1")
    (tmp_path / "code" / "__pycache__" / "app.pyc").write_text("")


@pytest.mark.parametrize(
    ("kind", "member", "expected"),
    [
        ("AWS::Serverless::Function", "CodeUri", {"Bucket": "bucket", "Key": "0.zip"}),
        ("AWS::Serverless::LayerVersion", "ContentUri", {"Bucket": "bucket", "Key": "0.zip"}),
        ("AWS::Lambda::Function", "Code", {"S3Bucket": "bucket", "S3Key": "0.zip"}),
        ("AWS::Lambda::LayerVersion", "Content", {"S3Bucket": "bucket", "S3Key": "0.zip"}),
    ],
)
def test_folder_becomes_a_zip_without_caches(packaged, uploads, code, kind, member, expected):
    assert packaged(one(kind, **{member: "code"}))["R"]["Properties"][member] == expected
    assert names(uploads["0.zip"]) == ["app.py"]


def test_one_file_becomes_a_zip_of_it(packaged, uploads, code):
    packaged(one("AWS::Serverless::Function", CodeUri="code/app.py"))
    assert names(uploads["0.zip"]) == ["app.py"]


def test_zip_is_taken_as_it_is(packaged, uploads, tmp_path):
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("ready.py", "")
    packaged(one("AWS::Serverless::Function", CodeUri="./code.zip"))
    assert uploads["0.zip"] == (tmp_path / "code.zip").read_bytes()


def test_same_content_is_the_same_zip(packaged, uploads, code, tmp_path):
    packaged(one("AWS::Serverless::Function", CodeUri="code"))
    (tmp_path / "code" / "app.py").write_text("x = 1")
    packaged(one("AWS::Serverless::Function", CodeUri="code"))
    first, second = uploads.values()
    assert first == second


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("AWS::Serverless::Api", "DefinitionUri"),
        ("AWS::ApiGateway::RestApi", "BodyS3Location"),
        ("AWS::Serverless::StateMachine", "DefinitionUri"),
    ],
)
def test_definition_is_uploaded_as_it_is(packaged, uploads, tmp_path, kind, member):
    (tmp_path / "api.yaml").write_text("openapi: 3.0.1")
    assert packaged(one(kind, **{member: "api.yaml"}))["R"]["Properties"][member] == {
        "Bucket": "bucket",
        "Key": "0.yaml",
    }
    assert uploads == {"0.yaml": b"openapi: 3.0.1"}


@pytest.mark.parametrize(
    ("kind", "member"), [("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location")]
)
def test_nested_template_is_packaged_with_the_paths_it_names(packaged, uploads, code, tmp_path, kind, member):
    child = tmp_path / "code" / "child.json"
    child.write_text(json.dumps({"Resources": one("AWS::Serverless::Function", CodeUri="app.py")}))
    properties = packaged(one(kind, **{member: "code/child.json"}))["R"]["Properties"]
    assert properties[member] == "https://s3.amazonaws.com/bucket/1.template"
    assert json.loads(uploads["1.template"])["Resources"]["R"]["Properties"]["CodeUri"]["Key"] == "0.zip"


def test_globals_may_name_the_code(packaged, uploads, code):
    packaged({}, Globals={"Function": {"CodeUri": "code"}})
    assert names(uploads["0.zip"]) == ["app.py"]


@pytest.mark.parametrize("value", ["s3://there/key", "https://s3.amazonaws.com/there/key", {"Bucket": "b", "Key": "k"}])
def test_what_is_elsewhere_already_stays(packaged, uploads, value):
    assert packaged(one("AWS::Serverless::Function", CodeUri=value))["R"]["Properties"]["CodeUri"] == value
    assert uploads == {}


def test_body_in_the_template_stays(packaged, uploads):
    body = {"openapi": "3.0.1"}
    assert packaged(one("AWS::Serverless::Api", DefinitionBody=body))["R"]["Properties"] == {"DefinitionBody": body}
    assert uploads == {}


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("AWS::Serverless::Function", "CodeUri"),
        ("AWS::Serverless::Api", "DefinitionUri"),
        ("AWS::CloudFormation::Stack", "TemplateURL"),
    ],
)
def test_missing_path_is_named(packaged, kind, member):
    with pytest.raises(MissingPath, match=f"R names {member}: nowhere"):
        packaged(one(kind, **{member: "nowhere"}))


def test_folder_where_a_file_belongs_is_named(packaged, code):
    with pytest.raises(MissingPath, match="R names DefinitionUri: code"):
        packaged(one("AWS::Serverless::Api", DefinitionUri="code"))
