"""The compressed forms of an object."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from types import ModuleType

from undercast.kit.errors import NotImplementedYet

try:
    import cramjam
except ImportError:  # an extra
    cramjam = None  # type: ignore[assignment]

_HADOOP_BLOCK = 256 * 1024  # io.compression.codec.snappy.buffersize, Hadoop's default


def check(form: str) -> None:
    """NotImplementedYet when a library is missing."""
    if "snappy" in form.lower():
        _snappy()


def compress(form: str, data: bytes, name: str) -> bytes:
    """Data in one of Firehose's forms; `name` is the object's, for what an archive calls its one file."""
    if form == "ZIP":
        return _zip(data, name)
    pack = _FORMS.get(form)
    return pack(data) if pack else data


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def _zip(data: bytes, name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name.rpartition("/")[2].removesuffix(".zip")), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _framed(data: bytes) -> bytes:
    """Snappy's framing format: https://github.com/google/snappy/blob/main/framing_format.txt"""
    return bytes(_snappy().compress(data))


def _hadoop(data: bytes) -> bytes:
    """Hadoop's blocks: the length of the plain bytes, then of the packed ones (big-endian), then these."""
    blocks = []
    for start in range(0, len(data), _HADOOP_BLOCK):
        plain = data[start : start + _HADOOP_BLOCK]
        packed = bytes(_snappy().compress_raw(plain))
        blocks.append(len(plain).to_bytes(4, "big") + len(packed).to_bytes(4, "big") + packed)
    return b"".join(blocks)


def _snappy() -> ModuleType:
    if cramjam is None:
        raise NotImplementedYet("Snappy needs a library: install undercast[firehose].")
    found: ModuleType = cramjam.snappy
    return found


_FORMS: dict[str, Callable[[bytes], bytes]] = {"GZIP": _gzip, "Snappy": _framed, "HADOOP_SNAPPY": _hadoop}
