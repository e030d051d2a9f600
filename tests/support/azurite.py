"""Azure's blob storage on this machine: Azurite, from npm."""

import base64
import contextlib
import email.utils
import hashlib
import hmac
import shutil
import subprocess
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.object_stores import free_port, wait_for

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Those that every Azurite has, by its documents."""
VERSION = "2021-08-06"


@contextlib.contextmanager
def azurite(folder: Path) -> Iterator[str]:
    """The address of a server of its own."""
    program = shutil.which("azurite-blob")
    if program is None:
        pytest.skip("needs azurite-blob: npm install --global azurite")
    port = free_port()
    where = ("--location", str(folder), "--blobPort", str(port))
    server = subprocess.Popen(
        [program, *where, "--skipApiVersionCheck", "--disableTelemetry", "--silent"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server)
        yield f"http://127.0.0.1:{port}/{ACCOUNT}"
    finally:
        server.kill()
        server.wait()


def new_container(endpoint: str) -> str:
    """An empty container; its URL."""
    name, now = f"shop-{uuid.uuid4().hex[:12]}", email.utils.formatdate(usegmt=True)
    lines = "\n" * 12
    asked = f"PUT{lines}x-ms-date:{now}\nx-ms-version:{VERSION}\n/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
    signature = hmac.new(base64.b64decode(KEY), asked.encode(), hashlib.sha256).digest()
    headers = {
        "x-ms-date": now,
        "x-ms-version": VERSION,
        "Authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(signature).decode()}",
        "Content-Length": "0",
    }
    request = urllib.request.Request(f"{endpoint}/{name}?restype=container", method="PUT", headers=headers)
    urllib.request.urlopen(request).close()
    return f"az://{name}"
