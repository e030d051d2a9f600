"""Object stores on this machine: moto from PyPI, Ceph's RADOS gateway from Debian, and a proxy that fails on demand.

A store that cannot be had here is skipped, and says why.
"""

import contextlib
import http.client
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

KEY, SECRET, REGION = "test-key-id", "test-secret-of-nobody", "us-east-1"
CEPH_TOOLS = ("radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd", "ceph-authtool", "monmaptool")
STARTING = 120
"""Seconds that a server may take; none is known to take half of them on a busy machine."""


@dataclass(frozen=True)
class Server:
    """A store that answers; `endpoint` is its address, or that of a proxy before it."""

    kind: str
    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to reach it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
        }


@dataclass(frozen=True)
class Bucket:
    """An empty bucket of a server, and a client that is not the one under test."""

    server: Server
    name: str
    client: object

    @property
    def url(self) -> str:
        """Its URL."""
        return f"s3://{self.name}"

    def put(self, key: str, content: bytes | Path) -> None:
        """Write an object."""
        body = content.read_bytes() if isinstance(content, Path) else content
        self.client.put_object(Bucket=self.name, Key=key, Body=body)

    def put_all(self, directory: Path, prefix: str = "") -> None:
        """Write all files below a directory."""
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                self.put(prefix + path.relative_to(directory).as_posix(), path)

    def get(self, key: str) -> bytes:
        """The content of an object."""
        return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()

    def remove(self, key: str) -> None:
        """Remove an object."""
        self.client.delete_object(Bucket=self.name, Key=key)

    def keys(self, prefix: str = "") -> list[str]:
        """The keys that begin so."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until a server listens."""
    until = time.monotonic() + STARTING
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process is None or process.poll() is None, "the server has ended"
        assert time.monotonic() < until, "the server does not listen"
        time.sleep(0.05)


@contextlib.contextmanager
def moto() -> Iterator[Server]:
    """A server of moto, in memory."""
    for module in ("moto.server", "flask", "boto3"):
        if importlib.util.find_spec(module.partition(".")[0]) is None:
            pytest.skip(f"needs {module}: pip install --group stores")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server)
        yield Server("moto", f"http://127.0.0.1:{port}")
    finally:
        server.kill()
        server.wait()


CEPH_CONF = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon},v1:127.0.0.1:{mon_old}]
public network = 127.0.0.0/8
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 2147483648
mon data = {home}/mon
osd data = {home}/osd
run dir = {home}/run
log file = {home}/run/$name.log
admin socket = {home}/run/$name.asok
pid file = {home}/run/$name.pid
keyring = {home}/keyring
[mon]
mon data avail warn = 1
mon data avail crit = 0
[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw dns name = localhost
rgw data = {home}/run
"""


@contextlib.contextmanager
def ceph(home: Path) -> Iterator[Server]:
    """A RADOS gateway over one monitor and one store in memory; `home` must have a short path, for its sockets."""
    missing = [tool for tool in CEPH_TOOLS if shutil.which(tool) is None]
    if missing or importlib.util.find_spec("boto3") is None:
        pytest.skip(
            f"needs {missing[0] if missing else 'boto3'}: apt-get install radosgw ceph-mon ceph-osd ceph-common"
        )
    for name in ("mon", "osd", "run"):
        (home / name).mkdir()
    port, fsid, keyring, conf = free_port(), str(uuid.uuid4()), home / "keyring", home / "ceph.conf"
    mon, mon_old = free_port(), free_port()
    conf.write_text(CEPH_CONF.format(fsid=fsid, mon=mon, mon_old=mon_old, home=home, port=port))

    def run(*words: object) -> None:
        subprocess.run(list(map(str, words)), check=True, timeout=STARTING, capture_output=True)

    run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
    for name, caps in {
        "client.admin": {"mon": "allow *", "osd": "allow *", "mgr": "allow *"},
        "client.rgw.a": {"mon": "allow *", "osd": "allow *"},
        "osd.0": {"mon": "allow profile osd", "osd": "allow *"},
    }.items():
        told = [word for part, may in caps.items() for word in ("--cap", part, may)]
        run("ceph-authtool", keyring, "--gen-key", "-n", name, *told)
    monmap = home / "monmap"
    address = f"[v2:127.0.0.1:{mon},v1:127.0.0.1:{mon_old}]"
    run("monmaptool", "--create", "--clobber", "--addv", "a", address, "--fsid", fsid, monmap)
    try:
        run("ceph-mon", "-c", conf, "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring)
        run("ceph-mon", "-c", conf, "-i", "a")
        osd = str(uuid.uuid4())
        run("ceph", "-c", conf, "osd", "new", osd, 0)
        with contextlib.suppress(subprocess.CalledProcessError):  # the monitor has the keys already
            run("ceph", "-c", conf, "auth", "import", "-i", keyring)
        run("ceph-osd", "-c", conf, "-i", 0, "--mkfs", "--osd-uuid", osd)
        run("ceph-osd", "-c", conf, "-i", 0)
        run("radosgw", "-c", conf, "-n", "client.rgw.a")
        wait_for(port)
        who = ("--uid=test", "--display-name=test", f"--access-key={KEY}", f"--secret={SECRET}")
        run("radosgw-admin", "-c", conf, "-n", "client.rgw.a", "user", "create", *who)
        yield Server("ceph", f"http://127.0.0.1:{port}")
    finally:
        for mark in (home / "run").glob("*.pid"):
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.kill(int(mark.read_text()), 9)


@dataclass
class Faults:
    """What a proxy does to the requests that come next."""

    answers: list[int] = field(default_factory=list)
    """Status codes that are answered instead, one a request of `methods`."""
    methods: tuple[str, ...] = ("GET", "PUT", "HEAD", "POST", "DELETE")
    delay: float = 0.0
    seen: list[str] = field(default_factory=list)
    before: Callable[[int], None] = lambda n: None
    """Called before a request is passed on, with its number from 0."""
    after: Callable[[int], None] = lambda n: None
    """Called after it was answered by the store, before the answer is passed on."""
    lose: str | None = None
    """The request, once, whose answer is lost: the store has done it, and who asked hears of an error."""


@contextlib.contextmanager
def proxy(server: Server) -> Iterator[tuple[Server, Faults]]:
    """A server behind a proxy that answers with errors, or late, as its `Faults` say."""
    faults, lock = Faults(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with lock:
                number = len(faults.seen)
                faults.seen.append(f"{self.command} {self.path}")
                faults.before(number)
                is_chosen = bool(faults.answers) and self.command in faults.methods
                status = faults.answers.pop(0) if is_chosen else None
            time.sleep(faults.delay)
            content, headers = b"", {}
            if status is None:
                parts = urllib.parse.urlsplit(server.endpoint)
                behind = http.client.HTTPConnection(parts.hostname, parts.port, timeout=STARTING)
                try:
                    behind.request(self.command, self.path, body or None, dict(self.headers))
                    answer = behind.getresponse()
                    status, headers, content = answer.status, dict(answer.headers), answer.read()
                except OSError:  # the store has ended, and so has who asked
                    return
                finally:
                    behind.close()
            faults.after(number)
            if faults.lose == f"{self.command} {self.path}":
                faults.lose, status, headers, content = None, 500, {}, b""
            length = headers.get("Content-Length") if self.command == "HEAD" else None
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", length or str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):  # who asked has gone
                self.wfile.write(content)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = handle_any

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Listening(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing of those who went away."""

    with Listening(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        try:
            yield Server(server.kind, f"http://127.0.0.1:{listening.server_port}"), faults
        finally:
            listening.shutdown()
            thread.join()


def new_bucket(server: Server) -> Bucket:
    """An empty bucket."""
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name=REGION,
    )
    name = f"shop-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=name)
    return Bucket(server, name, client)


@pytest.fixture(scope="session")
def moto_server():
    """A server of moto for all tests of a process."""
    with moto() as started:
        yield started


@pytest.fixture(scope="session")
def ceph_server():
    """The same of Ceph, which takes a quarter of a minute to start."""
    home = Path("/tmp") / f"wc-ceph-{uuid.uuid4().hex[:8]}"
    home.mkdir()
    try:
        with ceph(home) as started:
            yield started
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=["moto", "ceph"])
def server(request):
    """A store, once as moto and once as Ceph; skipped where it cannot be had."""
    return request.getfixturevalue(f"{request.param}_server")


@pytest.fixture
def bucket(server, monkeypatch):
    """An empty bucket, which this process reaches by its environment."""
    pytest.importorskip("obstore", reason="needs obstore: pip install 'whalecurve[cloud]'")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return new_bucket(server)
