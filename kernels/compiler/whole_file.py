"""Files of the cache are read whole or not at all: others write there, disks fill up, and machines lose power."""

import hashlib
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

CHECKSUM = hashlib.sha256().digest_size


def write_whole(path: Path, data: bytes) -> None:
    """Write it whole, or leave what was there where the disk does not take it: then it is compiled again."""
    unfinished = path.with_name(f"{path.name}.{uuid4().hex[:8]}")
    try:
        unfinished.write_bytes(hashlib.sha256(data).digest() + data)
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def read_whole(path: Path) -> bytes | None:
    """What was written; None if there is no such file, or it is damaged."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return data[CHECKSUM:] if hashlib.sha256(data[CHECKSUM:]).digest() == data[:CHECKSUM] else None
