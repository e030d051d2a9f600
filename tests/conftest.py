"""Shared set-up: compiled kernels are cached under a key made of all kernel sources."""

import hashlib
import os
import tempfile
from pathlib import Path

KERNELS = Path(__file__).parents[1] / "kernels"
# numba notices a change in the file of a function but not in the files it calls.
KEY = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(KERNELS.rglob("*.py")))).hexdigest()[:16]
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / f"whalecurve-numba-{KEY}"))
