"""Links kept machine code into this process, without numba.

The code calls the interpreter, the C library, and helpers in C that numba brings along (reference counts of arrays,
their way from and to Python). Those are in extension modules of numba's, which load by themselves in a millisecond;
what costs half a second is the package around them. Once numba is imported, its own copies are taken.
"""

import ctypes
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from whalecurve.kernels.compiler.machine_code import MachineCode, numba_directory

MATHEMATICS = "cos cosf exp expf fabs fabsf log log10 log10f log2 log2f logf pow powf sin sinf sqrt sqrtf trunc truncf"
_lock = threading.RLock()
if hasattr(os, "register_at_fork"):  # a forked process has no thread that would release it
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)

_linked: dict[object, Callable[..., Any]] = {}


@cache
def _extension(name: str) -> ModuleType:
    """One of numba's modules in C: the one that numba has imported, or else loaded by itself."""
    if name in sys.modules:
        return sys.modules[name]
    folder = numba_directory()
    assert folder is not None
    stem = folder.joinpath(*name.split(".")[1:])
    path = next(path for suffix in EXTENSION_SUFFIXES if (path := stem.with_name(stem.name + suffix)).exists())
    loader = ExtensionFileLoader(f"{__name__}.{stem.name}", str(path))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
def _unpickle(address: int, size: int, _hash: int) -> object:
    """What compiled code asks for to box a result: the class of an array or of a named tuple. Once for each place."""
    if address not in _unpickled:
        _unpickled[address] = pickle.loads(ctypes.string_at(address, size))
    return _unpickled[address]


_unpickled: dict[int, object] = {}

UNPICKLE = "whale_unpickle"
"""What kept code calls `numba_unpickle`, which would import numba, and fails while another thread does."""


@cache
def _symbols() -> Mapping[str, int]:
    """Addresses of what the code may refer to beside what the process itself exports."""
    helpers, functions = _extension("numba._helperlib").c_helpers, _extension("numba._dynfunc").c_helpers
    runtime = _extension("numba.core.runtime._nrt_python")
    runtime.memsys_use_cpython_allocator()  # as numba does when it is imported, and would free our arrays by
    counts = runtime.c_helpers
    symbols = {"_Py_NoneStruct": id(None)}
    symbols |= {f"numba_{name}": address for name, address in (helpers | functions).items()}
    symbols |= {name if name.startswith("_") else f"NRT_{name}": address for name, address in counts.items()}
    symbols |= {name: helpers[name] for name in MATHEMATICS.split() if name in helpers}
    for name, error in vars(sys.modules["builtins"]).items():
        if isinstance(error, type) and issubclass(error, BaseException):
            symbols[f"PyExc_{name}"] = id(error)
    symbols[UNPICKLE] = ctypes.cast(_unpickle, ctypes.c_void_p).value or 0
    return symbols


@cache
def _engine() -> Any:  # noqa: ANN401 - llvmlite is untyped
    """LLVM's linker of this process. It lives as long as the process does: code may run until the very end."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    for name, address in _symbols().items():
        llvm.add_symbol(name, address)
    target = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(engine))
    return engine


@cache
def _is_provided(symbol: str) -> bool:
    return symbol in _symbols() or hasattr(ctypes.CDLL(None), symbol)


def can_be_linked(wanted: Iterable[str]) -> bool:
    """Whether this process has all these symbols. To be asked before linking: LLVM ends a process that lacks one.

    What one process has, another may not: libraries that somebody has loaded, or another build of numba's.
    """
    with _lock:  # modules in C are to be loaded once, whoever asks
        return all(map(_is_provided, wanted))


def _address(code: MachineCode) -> tuple[int, list[Any]]:
    """Link the code; where its entry is, and the environments that must live as long as it is called."""
    import llvmlite.binding as llvm

    engine = _engine()
    engine.add_object_file(llvm.ObjectFileRef.from_data(code.object_file))
    engine.finalize_object()
    environments = []
    for name, constants in code.environments:
        environment = _extension("numba._dynfunc").Environment({})
        environment.consts.extend(constants)
        if name:
            ctypes.c_void_p.from_address(engine.get_global_value_address(name)).value = id(environment)
        environments.append(environment)
    return engine.get_function_address(code.entry), environments


def _key(code: MachineCode) -> object:
    """What tells linked code from all other, without keeping the file."""
    return code.entry, hash(code.object_file)


def linked_function(code: MachineCode, function: FunctionType) -> Callable[..., Any]:
    """The compiled form of a Python function, for the kind of arguments that the code was made for and no other."""
    key = _key(code)
    with _lock:
        if key not in _linked:
            address, environments = _address(code)
            own = environments[0]
            make = _extension("numba._dynfunc").make_function
            module, name = sys.modules[function.__module__], function.__name__
            _linked[key] = make(module, name, function.__doc__ or "", address, own, (environments,))
        return _linked[key]


def linked_ufunc(code: MachineCode, function: FunctionType, n_arguments: int) -> np.ufunc:
    """A NumPy ufunc of float64 whose loop is the code."""
    key = _key(code)
    with _lock:
        if key not in _linked:
            address, environments = _address(code)
            internal, double = _extension("numba.np.ufunc._internal"), np.dtype(np.float64).num
            types = [[double] * (n_arguments + 1)]
            name, doc = function.__name__, function.__doc__ or ""
            identity = internal.PyUFunc_None
            made = internal.fromfunc(name, doc, [address], types, n_arguments, 1, [None], environments, identity)
            _linked[key] = made
        return _linked[key]  # type: ignore[return-value]
