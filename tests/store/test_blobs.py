"""Large bytes as files."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path
from threading import Thread

import pytest

from undercast.store.blobs import Blobs


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_blob_is_named_by_its_content(loop, tmp_path, size):
    blobs, data = Blobs(tmp_path), b"x" * size
    key = loop.run_until_complete(blobs.put(data))
    assert key == hashlib.sha256(data).hexdigest()
    assert loop.run_until_complete(blobs.get(key)) == data


def test_a_range_is_read(loop, tmp_path):
    blobs = Blobs(tmp_path)
    key = loop.run_until_complete(blobs.put(bytes(range(200))))

    async def read():
        return b"".join([chunk async for chunk in blobs.read(key, 10, 5)])

    assert loop.run_until_complete(read()) == bytes(range(10, 15))


def test_only_what_nobody_writes_to_any_more_is_gone_after_a_restart(loop, tmp_path):
    Blobs(tmp_path).writer().write(b"abandoned")
    [abandoned] = (tmp_path / "new").iterdir()
    os.utime(abandoned, (0, 0))
    of_another_node = Blobs(tmp_path).writer()
    of_another_node.write(b"under way")
    Blobs(tmp_path)
    assert not abandoned.exists()
    assert Blobs(tmp_path).path(loop.run_until_complete(of_another_node.finish())).read_bytes() == b"under way"


def test_what_was_stored_again_meanwhile_stays(loop, tmp_path):
    blobs = Blobs(tmp_path)
    key = loop.run_until_complete(blobs.put(b"x"))
    os.utime(blobs.path(key), (5, 5))
    assert list(blobs.keys(10.0)) == [{key: 5.0}]
    loop.run_until_complete(blobs.put(b"x"))
    blobs.delete_unless_written_since(key, 5.0)
    assert blobs.path(key).exists()
    os.utime(blobs.path(key), (5, 5))
    blobs.delete_unless_written_since(key, 5.0)
    assert not blobs.path(key).exists()
    blobs.delete_unless_written_since(key, 5.0)


def test_what_is_stored_again_in_the_moment_of_its_deletion_stays(loop, tmp_path, monkeypatch):
    blobs, data = Blobs(tmp_path), b"x" * 300_000
    key = loop.run_until_complete(blobs.put(data))
    again = Thread(target=lambda: asyncio.run(blobs.put(data)))
    delete = Path.unlink

    def delete_late(path):
        again.start()
        again.join(0.2)  # it cannot end before the deletion has; without the lock it would, and its file would go
        delete(path)

    monkeypatch.setattr(Path, "unlink", delete_late)
    blobs.delete_unless_written_since(key, blobs.path(key).stat().st_mtime)
    again.join()
    assert blobs.path(key).read_bytes() == data


def test_deleted_blob_is_missing(loop, tmp_path):
    blobs = Blobs(tmp_path)
    key = loop.run_until_complete(blobs.put(b"x"))
    blobs.delete(key)
    with pytest.raises(FileNotFoundError):
        loop.run_until_complete(blobs.get(key))


def test_blob_with_a_key_of_its_own_is_not_shared(loop, tmp_path):
    blobs = Blobs(tmp_path)

    def put(key):
        writer = blobs.writer(key)
        writer.write(b"same")
        return loop.run_until_complete(writer.finish())

    assert [put("0one"), put("0two")] == ["0one", "0two"]
    blobs.delete("0one")
    assert blobs.path("0two").read_bytes() == b"same"
