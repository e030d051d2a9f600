"""Files behind URLs: Polars opens them itself; a store that does not answer is soon given up on."""

import os
import socket
from typing import Any
from urllib.parse import urlsplit

from whalecurve.engine.errors import InputError

SECONDS, RETRIES = 2, 2
"""To connect; Polars tries twice as often as it says, and without a limit would wait for minutes."""


def opening_options() -> dict[str, Any] | None:
    """Storage options for the first look at a store, which tells whether it can be reached.

    Rows are read with those of Polars, which try harder. Who sets Polars' own variable decides both.
    """
    if "POLARS_CLOUD_MAX_RETRIES" in os.environ:
        return None
    return {"max_retries": RETRIES, "connect_timeout": f"{SECONDS}s"}


def can_list(url: str) -> bool:
    """Whether a store says which files it has; plain HTTP does not."""
    return not url.lower().startswith(("http://", "https://"))


def refuse_unreachable(url: str) -> None:
    """Make sure that a web server answers at all: Polars takes no options for it, and would try ten times.

    Behind a proxy nothing is known, and nothing is refused.

    Raises
    ------
    InputError
        No connection.
    """
    from urllib.request import getproxies  # with HTTP, TLS and e-mail behind it, which no other log needs

    parts = urlsplit(url)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or getproxies():
        return
    try:
        port = parts.port or (443 if parts.scheme.lower() == "https" else 80)
        socket.create_connection((parts.hostname, port), timeout=SECONDS * RETRIES).close()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{url}: cannot be reached ({why}); check the address and the network") from error
