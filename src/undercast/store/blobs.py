"""Large bytes as files named by their content: written, synced and renamed before the row that names them commits."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from secrets import token_hex

from undercast.store.contract import StoreError

_CHUNK = 256 * 1024
_ABANDONED_S = 3600  # an unfinished file that nobody has written to for so long has no writer any more, on any node


class Blobs:
    """A folder of immutable files. A key is the SHA-256 of the content in hex; the same content is stored once."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._durable = durable
        self.naming = threading.Lock()  # held while a file gets its name, or is looked at and loses it
        (folder / "new").mkdir(parents=True, exist_ok=True)
        self.delete_abandoned()

    def path(self, key: str) -> Path:
        """Where the bytes of `key` are; the file is never changed."""
        return self._folder / key[:2] / key

    def writer(self, key: str = "") -> BlobWriter:
        """Start a new blob; feed it with `write`, then `finish` it.

        With a `key` of its own it is not shared: it may be deleted by whoever made it, whatever others store.
        """
        return BlobWriter(self, self._folder / "new" / token_hex(8), self._durable, key)

    async def put(self, data: bytes) -> str:
        """Store bytes; their key once they are on disk."""
        writer = self.writer()
        writer.write(data)
        return await writer.finish()

    async def get(self, key: str) -> bytes:
        """All bytes of a blob. FileNotFoundError when there is none."""
        path = self.path(key)
        if path.stat().st_size <= _CHUNK:
            return path.read_bytes()
        return await asyncio.to_thread(path.read_bytes)

    async def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` on in chunks, with constant memory."""
        left = self.path(key).stat().st_size - start if length is None else length
        with open(self.path(key), "rb") as file:  # noqa: ASYNC230  opening a local file does not wait
            file.seek(start)
            while left > 0:
                chunk = await asyncio.to_thread(file.read, min(left, _CHUNK))
                if not chunk:
                    return
                left -= len(chunk)
                yield chunk

    def keys(self, written_before_s: float) -> Iterator[dict[str, float]]:
        """The keys of what was written before this time (of the file system, in seconds), and when they were, one
        folder after the other."""
        for folder in sorted(self._folder.iterdir()):
            if folder.name != "new":
                with os.scandir(folder) as entries:
                    written = {entry.name: entry.stat().st_mtime for entry in entries}
                yield {name: at for name, at in written.items() if at < written_before_s}

    def delete(self, key: str) -> None:
        """Remove a blob that nothing names any more."""
        self.path(key).unlink(missing_ok=True)

    def delete_unless_written_since(self, key: str, written_s: float) -> None:
        """Remove a blob, unless someone has stored the same content again since it was looked at."""
        path = self.path(key)
        with self.naming, contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime == written_s:
                path.unlink()

    def delete_abandoned(self) -> None:
        """Remove what was begun and never finished: its process ended. Those of other nodes' writers stay."""
        limit = time.time() - _ABANDONED_S
        for unfinished in (self._folder / "new").iterdir():
            with contextlib.suppress(FileNotFoundError):  # it was finished, or another node has removed it
                if unfinished.stat().st_mtime < limit:
                    unfinished.unlink()


class BlobWriter:
    """Bytes on their way to disk. `size` in bytes; digests of the caller's choosing can be fed beside it."""

    def __init__(self, blobs: Blobs, path: Path, durable: bool, key: str = "") -> None:
        self._blobs = blobs
        self._path = path
        self._durable = durable
        self._file = open(path, "wb", buffering=0)  # noqa: SIM115  closed by finish() or abort()
        self._key = key
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        if not self._key:
            self._hash.update(chunk)
        left = memoryview(chunk)
        try:
            while left:  # a disk that is almost full takes less than it is given
                left = left[self._file.write(left) :]
        except OSError as error:
            raise _failing(self._path.parent.parent, error) from error
        self.size += len(chunk)

    async def finish(self) -> str:
        """Sync, name by content (or as was asked) and return the key."""
        key = self._key or self._hash.hexdigest()
        target = self._blobs.path(key)
        if self.size <= _CHUNK:
            self._settle(target)
        else:
            await asyncio.to_thread(self._settle, target)
        return key

    def abort(self) -> None:
        """Forget what was written."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _settle(self, target: Path) -> None:
        try:
            self._sync_and_name(target)
        except OSError as error:
            raise _failing(target.parent.parent, error) from error

    def _sync_and_name(self, target: Path) -> None:
        if self._durable:
            os.fdatasync(self._file.fileno()) if hasattr(os, "fdatasync") else os.fsync(self._file.fileno())
        self._file.close()
        if not target.parent.exists():
            target.parent.mkdir(exist_ok=True)
            self._sync_folder(target.parent.parent)
        with self._blobs.naming:
            os.replace(self._path, target)
        self._sync_folder(target.parent)

    def _sync_folder(self, folder: Path) -> None:
        if not self._durable:
            return
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _failing(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The disk that holds {folder} is full or failing ({error.strerror}); nothing acknowledged is lost. "
        "Free some space."
    )
