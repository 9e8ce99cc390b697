"""Local paths in a template: zipped, uploaded once by content, and named in its place.

Which properties may hold a path follows `aws cloudformation package`.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from undercast.engines.templates.loading import MAX_URL_BYTES, read

# Where a type keeps a path, and how it names an object: as a URI, or as members.
_CODE = {
    "AWS::Serverless::Function": ("CodeUri", ("Bucket", "Key")),
    "AWS::Serverless::LayerVersion": ("ContentUri", ("Bucket", "Key")),
    "AWS::Lambda::Function": ("Code", ("S3Bucket", "S3Key")),
    "AWS::Lambda::LayerVersion": ("Content", ("S3Bucket", "S3Key")),
}
_DOCUMENTS = {
    "AWS::Serverless::Api": ("DefinitionUri", ("Bucket", "Key")),
    "AWS::ApiGateway::RestApi": ("BodyS3Location", ("Bucket", "Key")),
    "AWS::Serverless::StateMachine": ("DefinitionUri", ("Bucket", "Key")),
}
_TEMPLATES = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
_FILES = {"DefinitionUri", "BodyS3Location", "TemplateURL", "Location"}  # not a folder
_LEFT_OUT = {"__pycache__", ".git", ".aws-sam", ".venv", "node_modules/.cache"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content is the same zip

Upload = Callable[[bytes, str], tuple[str, str]]  # content and ending -> bucket and key


class MissingPath(Exception):
    """A path in the template is not there; the message says which."""


def package(template: Path, upload: Upload) -> str:
    """The template as JSON text with every local path replaced. MissingPath; TemplateError when it cannot be read."""
    document = read(template.read_text(), by_url=len(template.read_bytes()) < MAX_URL_BYTES)
    folder = template.parent
    _package_globals(document, folder, upload)
    for name, kind, properties in _resources(document):
        if kind in _CODE:
            _replace(properties, *_CODE[kind], folder, name, lambda path: (_zip(path), ".zip"), upload)
        elif kind in _DOCUMENTS:
            _replace(properties, *_DOCUMENTS[kind], folder, name, _document, upload)
        elif kind in _TEMPLATES:
            _replace_template(properties, _TEMPLATES[kind], folder, name, upload)
    return json.dumps(document)


def _package_globals(document: dict[str, Any], folder: Path, upload: Upload) -> None:
    function = (document.get("Globals") or {}).get("Function")
    if isinstance(function, dict):
        _replace(function, "CodeUri", ("Bucket", "Key"), folder, "Globals", lambda path: (_zip(path), ".zip"), upload)


def _resources(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, resource in (document.get("Resources") or {}).items():
        if isinstance(resource, dict):
            properties = resource.get("Properties")
            yield name, str(resource.get("Type")), properties if isinstance(properties, dict) else {}


def _replace(
    properties: dict[str, Any], member: str, names: tuple[str, str], folder: Path, resource: str,
    content: Callable[[Path], tuple[bytes, str]], upload: Upload,
) -> None:  # fmt: skip
    value = properties.get(member)
    if not isinstance(value, str) or value.startswith(("s3://", "http://", "https://")):
        return
    bucket, key = upload(*content(_existing(folder, value, resource, member)))
    properties[member] = {names[0]: bucket, names[1]: key}


def _replace_template(properties: dict[str, Any], member: str, folder: Path, resource: str, upload: Upload) -> None:
    value = properties.get(member)
    if isinstance(value, str) and not value.startswith(("s3://", "http://", "https://")):
        path = _existing(folder, value, resource, member)
        bucket, key = upload(package(path, upload).encode(), ".template")
        properties[member] = f"https://s3.amazonaws.com/{bucket}/{key}"


def _existing(folder: Path, value: str, resource: str, member: str) -> Path:
    path = (folder / value).resolve()
    if not path.exists():
        raise MissingPath(f"{resource} names {member}: {value}, and there is nothing at {path}.")
    if path.is_dir() and member in _FILES:
        raise MissingPath(f"{resource} names {member}: {value}, and {path} is a folder where a file belongs.")
    return path


def _document(path: Path) -> tuple[bytes, str]:
    return path.read_bytes(), path.suffix


def _zip(path: Path) -> bytes:
    """A folder or file as a zip whose bytes depend on the content alone; a zip is taken as it is."""
    if path.is_file() and zipfile.is_zipfile(path):
        return path.read_bytes()
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    root = path.parent if path.is_file() else path
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            relative = file.relative_to(root)
            if not _LEFT_OUT.intersection(relative.parts):
                entry = zipfile.ZipInfo(relative.as_posix(), _EPOCH)
                entry.external_attr = (file.stat().st_mode & 0o777) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
    return buffer.getvalue()


def content_key(content: bytes, ending: str) -> str:
    """The key of an upload: the same content is uploaded once."""
    return hashlib.sha256(content).hexdigest()[:40] + ending
