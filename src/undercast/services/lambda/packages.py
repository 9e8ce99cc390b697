"""Code on its way from a request to the disk: a zip becomes a blob, a blob becomes a folder that functions run from."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import stat
import zipfile
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from undercast.kit.call import Call, Platform
from undercast.kit.errors import ServiceError

from . import errors
from .model import Code

HOT_RELOAD = "hot-reload"  # the bucket's name that stands for a folder of this machine
UNZIPPED_LIMIT_BYTES = 262_144_000
ZIPPED_LIMIT_BYTES = 52_428_800
REQUEST_LIMIT_BYTES = 70_167_211

_THREAD_BYTES = 256 * 1024  # smaller zips are not worth a thread


async def receive(call: Call, code: Mapping[str, Any]) -> Code:
    """The code that a request brings or points to. InvalidParameterValueException.

    Call it outside of a transaction. https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html
    """
    if code.get("ImageUri"):
        raise errors.unsupported("functions of package type Image", "package the function as a zip.")
    if code.get("S3ObjectStorageMode") == "REFERENCE":
        raise errors.unsupported("S3ObjectStorageMode REFERENCE", "code is copied from its bucket.")
    if code.get("SourceKMSKeyArn"):
        raise errors.unsupported("SourceKMSKeyArn", "code is kept as it is.")
    if code.get("S3Bucket") == HOT_RELOAD:
        return _local_folder(code.get("S3Key") or "")
    data = code.get("ZipFile")
    if data is None:
        data = await _from_bucket(call, code)
    elif call.request is not None and len(call.request.body) > REQUEST_LIMIT_BYTES:
        raise errors.RequestEntityTooLargeException()
    await _threaded(len(data), check_zip, data)
    key = await call.blobs.put(data)
    return Code(key, "", b64encode(bytes.fromhex(key)).decode(), len(data))


def check_zip(data: bytes) -> None:
    """InvalidParameterValueException when it is no zip, too large, or reaches out of its folder."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise errors.InvalidParameterValueException(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from None
    if sum(entry.file_size for entry in entries) > UNZIPPED_LIMIT_BYTES:
        raise errors.InvalidParameterValueException(f"Unzipped size must be smaller than {UNZIPPED_LIMIT_BYTES} bytes")
    if not entries:
        raise errors.InvalidParameterValueException("Uploaded file must be a non-empty zip")


async def unpacked(platform: Platform, cache: Path, key: str) -> Path:
    """The folder with the content of a zip; unpacked once, and found again after a restart."""
    folder = cache / key
    if not folder.exists():
        archive = platform.blobs.path(key)
        await _threaded(archive.stat().st_size, _unpack, archive, folder)
    return folder


def fingerprint(folder: Path) -> str:
    """Changes whenever a file under the folder does. Installed packages count by their folder's own time only."""
    found: list[tuple[str, int, int]] = []
    _walk(folder, found)
    return sha256(repr(sorted(found)).encode()).hexdigest()[:16]


def _walk(folder: Path, found: list[tuple[str, int, int]]) -> None:
    for entry in os.scandir(folder):
        if entry.name == "__pycache__" or entry.name.startswith(".git"):
            continue
        status = entry.stat(follow_symlinks=True) if entry.is_file() else entry.stat(follow_symlinks=False)
        found.append((entry.path, status.st_mtime_ns, status.st_size))
        if entry.is_dir(follow_symlinks=False) and entry.name not in ("node_modules", ".venv", "venv"):
            _walk(Path(entry.path), found)


def _local_folder(text: str) -> Code:
    folder = Path(text)
    if not folder.is_absolute() or not folder.is_dir():
        raise errors.InvalidParameterValueException(
            f"Hot reload runs the code of a folder on the machine of Undercast: S3Key must be its absolute path, and "
            f"'{text}' is none."
        )
    return Code("", str(folder), b64encode(sha256(text.encode()).digest()).decode(), 0)


async def _from_bucket(call: Call, code: Mapping[str, Any]) -> bytes:
    if not code.get("S3Bucket") or not code.get("S3Key"):
        raise errors.InvalidParameterValueException("Please provide a source for function code.")
    version = {"VersionId": code["S3ObjectVersion"]} if code.get("S3ObjectVersion") else {}
    try:
        answer = await call.aws.s3.get_object(Bucket=code["S3Bucket"], Key=code["S3Key"], **version)
    except ServiceError as error:
        raise errors.InvalidParameterValueException(
            f"Error occurred while GetObject. S3 Error Code: {error.code}. S3 Error Message: {error.message}"
        ) from None
    body = answer["Body"]
    data = body if isinstance(body, bytes) else b"".join([chunk async for chunk in body])
    if len(data) > UNZIPPED_LIMIT_BYTES:
        raise errors.InvalidParameterValueException(f"Unzipped size must be smaller than {UNZIPPED_LIMIT_BYTES} bytes")
    return data


def _unpack(archive: Path, folder: Path) -> None:
    """Into a folder beside it that is renamed at the end, so that it is there as a whole or not at all."""
    unfinished = folder.with_name(f"{folder.name}.{os.urandom(4).hex()}")
    with zipfile.ZipFile(archive) as source:
        for entry in source.infolist():
            target = Path(source.extract(entry, unfinished))  # keeps within the folder whatever the entry's name is
            mode = entry.external_attr >> 16
            if stat.S_ISLNK(mode):
                _link(target, unfinished)
            elif mode & 0o777 and target.is_file():
                target.chmod(mode & 0o777 | 0o444)
    try:
        unfinished.rename(folder)
    except OSError:  # another invocation was faster
        shutil.rmtree(unfinished, ignore_errors=True)


def _link(target: Path, root: Path) -> None:
    """Zips hold the destination of a symbolic link as its content; those that lead out of the folder stay files."""
    destination = target.read_text()
    if (target.parent / destination).resolve().is_relative_to(root.resolve()):
        target.unlink()
        target.symlink_to(destination)


async def _threaded(size: int, work: Any, *args: Any) -> Any:
    return work(*args) if size <= _THREAD_BYTES else await asyncio.to_thread(work, *args)
