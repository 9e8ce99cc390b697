"""Large bytes as files."""

from __future__ import annotations

import hashlib

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


def test_what_was_not_finished_is_gone_after_a_restart(tmp_path):
    Blobs(tmp_path).writer().write(b"half")
    assert any((tmp_path / "new").iterdir())
    Blobs(tmp_path)
    assert not any((tmp_path / "new").iterdir())


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
