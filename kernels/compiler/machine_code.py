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
from dataclasses import dataclass
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from whalecurve.kernels.compiler.cache import NUMBA_SETTINGS, PLACE, SOURCES
from whalecurve.kernels.compiler.whole_file import read_whole, write_whole

PACKAGE = "whalecurve.kernels."
"""Only what is in it is kept: of other functions nobody would notice that they have changed."""

HARMLESS = {"NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS", "NUMBA_THREADING_LAYER", "NUMBA_CPU_NAME"}
"""Settings of numba that change no code, or that `_stamp` minds."""

FORM = 2
"""Of the files; another form is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineCode:
    """What numba made of one kernel for one kind of arguments.

    entry : symbol of the function that Python calls, or of a ufunc's loop
    environments : symbols of the variables in which the code looks up its constants, its own first, each with the
        constants; "" where there is no such variable
    wanted : symbols that it refers to, and that the process has to provide
    object_file : relocatable machine code
    """

    entry: str
    environments: list[tuple[str, list[Any]]]
    wanted: list[str]
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


def can_keep(name: str) -> bool:
    """Whether code of a function of this name is kept: not what is defined inside of others, several times."""
    return name.startswith(PACKAGE) and "<" not in name and is_usable()


@cache
def numba_directory() -> Path | None:
    """Where numba is installed, found without importing it; None if it is not made of files."""
    spec = find_spec("numba")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    return folder if folder and (folder / "_version.py").is_file() else None


@cache
def _stamp() -> bytes:
    """A hash of all that decides what numba makes of a kernel: our sources, its version, this Python, this CPU."""
    import llvmlite
    import numpy as np

    folder = numba_directory()
    assert folder is not None
    digest = hashlib.sha256(SOURCES)
    for part in (
        FORM,
        (folder / "_version.py").read_bytes(),
        llvmlite.__version__,
        np.__version__,
        EXTENSION_SUFFIXES[0],  # the Python's version, and how it was built
        platform.machine(),
        *_cpu(),
    ):
        digest.update(repr(part).encode() + b"\0")
    return digest.digest()


def _cpu() -> tuple[str, str]:
    """Name and features of the CPU that numba compiles for: none for a generic one, so that its code serves others."""
    import llvmlite.binding as llvm

    name = os.environ.get("NUMBA_CPU_NAME") or llvm.get_host_cpu_name()
    if name.lower() == "generic":
        return name, ""
    try:
        return name, llvm.get_host_cpu_features().flatten()
    except RuntimeError:  # LLVM does not know: then numba takes none either
        return name, ""


def _path(name: str, arguments: object) -> Path:
    assert PLACE is not None
    key = hashlib.sha256(_stamp() + repr((name, arguments)).encode()).hexdigest()[:24]
    return PLACE / f"{name.removeprefix(PACKAGE)}-{key}.kernel"


def kept(name: str, arguments: object) -> MachineCode | None:
    """Code of the kernel of this name for this kind of arguments; None if there is none, or its file is damaged."""
    if not can_keep(name):
        return None
    data = read_whole(_path(name, arguments))
    if data is None:
        return None
    code = pickle.loads(data)
    return code if isinstance(code, MachineCode) else None


def keep(name: str, arguments: object, code: MachineCode) -> None:
    """Write it, if the disk takes it."""
    write_whole(_path(name, arguments), pickle.dumps(code, protocol=pickle.HIGHEST_PROTOCOL))
