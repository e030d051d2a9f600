"""What OpenLineage calls a dataset: a namespace, which is where it lies, and a name, which is what it is called there.

Source: the naming conventions of the OpenLineage specification (datasets).
"""

from pathlib import Path
from urllib.parse import urlsplit

from whalecurve.engine.paths import is_object_url, is_url, unfolded

LOCAL = "file"
POSTGRES, PORT = ("postgresql", "postgres"), 5432


def named(path: str | Path) -> dict[str, str]:
    """Namespace and name of what lies at a path or a URL.

    A local file: `file` and its absolute path. An object: scheme and bucket, and its key. A database: its server, and
    what it is called there. User names and passwords are part of neither.
    """
    text = unfolded(path)
    if not is_url(text):
        return {"namespace": LOCAL, "name": str(Path(text).absolute())}
    url = urlsplit(text)
    if is_object_url(text):  # of Azure the container stands before an @, which is part of its name
        return {"namespace": f"{url.scheme}://{url.netloc}", "name": url.path.strip("/") or "/"}
    server = url.netloc.rpartition("@")[2]
    if url.scheme in POSTGRES:
        server = server if url.port else f"{server}:{PORT}"
        return {"namespace": f"postgres://{server}", "name": url.path.strip("/") or "postgres"}
    return {"namespace": f"{url.scheme}://{server}", "name": url.path.strip("/") or "/"}
