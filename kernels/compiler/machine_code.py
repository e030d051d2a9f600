"""Machine code of kernels, kept from one process to the next in a form that is linked without numba.

numba's own cache keeps the same machine code, but a process that reads it has to import numba, fill its tables of
types, unpickle each kernel's description and parse its bitcode; the wrapper of every ufunc is even compiled anew.
That takes two seconds and 100 MB for the main job, and linking 50 kernels takes ten milliseconds (`linker`). So what
numba has compiled is kept once more: the object file, the name of its entry, and the constants that it refers to.

Nothing is kept or read where this cannot be right: on systems where it was not tried, and where numba's settings ask
for other code than usual. There numba does what it always does.
"""

import hashlib
import os
import pickle
import platform
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

from whalecurve.kernels.compiler.cache import NUMBA_SETTINGS, PLACE, SOURCES

HARMLESS = {"NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS", "NUMBA_THREADING_LAYER", "NUMBA_CPU_NAME"}
"""Settings of numba that change no code, or that `_stamp` minds."""

FORM = 1
"""Of the files; another form is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineCode:
    """What numba made of one kernel for one kind of arguments.

    entry : symbol of the function that Python calls, or of a ufunc's loop
    environments : symbols of the variables in which the code looks up its constants, its own first, each with the
        constants; "" where there is no such variable
    object_file : relocatable machine code
    """

    entry: str
    environments: list[tuple[str, list[Any]]]
    object_file: bytes


@cache
def is_usable() -> bool:
    """Whether machine code is kept in this process."""
    return (
        PLACE is not None
        and sys.platform == "linux"
        and sys.implementation.name == "cpython"
        and sys.maxsize > 2**32
        and not any(name.startswith("NUMBA_") and name not in HARMLESS for name in os.environ)
        and not Path(NUMBA_SETTINGS).exists()
        and numba_directory() is not None
    )


@cache
def numba_directory() -> Path | None:
    """Where numba is installed, found without importing it; None if it is not made of files."""
    found = find_spec("numba")
    folder = Path(found.origin).parent if found and found.origin else None
    return folder if folder and (folder / "_version.py").is_file() else None


@cache
def _stamp() -> bytes:
    """A hash of all that decides what numba makes of a kernel: our sources, its version, this Python, this CPU."""
    import llvmlite
    import llvmlite.binding as llvm
    import numpy as np

    folder = numba_directory()
    assert folder is not None
    digest = hashlib.sha256(SOURCES)
    for part in (
        FORM,
        (folder / "_version.py").read_bytes(),
        llvmlite.__version__,
        np.__version__,
        sys.implementation.cache_tag,
        platform.machine(),
        os.environ.get("NUMBA_CPU_NAME") or llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
    ):
        digest.update(repr(part).encode() + b"\0")
    return digest.digest()


def _path(name: str, arguments: object) -> Path:
    assert PLACE is not None
    key = hashlib.sha256(_stamp() + repr((name, arguments)).encode()).hexdigest()[:24]
    return PLACE / f"{name.removeprefix('whalecurve.kernels.')}-{key}.kernel"


def kept(name: str, arguments: object) -> MachineCode | None:
    """Code of the kernel of this name for this kind of arguments; None if there is none, or its file is damaged."""
    if not is_usable():
        return None
    path = _path(name, arguments)
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(data[32:]).digest() != data[:32]:
        return None
    code = pickle.loads(data[32:])
    return code if isinstance(code, MachineCode) else None


def keep(name: str, arguments: object, code: MachineCode) -> None:
    """Write it whole, or leave it where the disk does not take it: then it is compiled again."""
    data = pickle.dumps(code, protocol=pickle.HIGHEST_PROTOCOL)
    path = _path(name, arguments)
    unfinished = path.with_name(f"{path.name}.{uuid4().hex[:8]}")
    try:
        unfinished.write_bytes(hashlib.sha256(data).digest() + data)
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
