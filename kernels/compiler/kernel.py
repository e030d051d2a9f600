"""Functions that are compiled when they are first called, or were before; numba is imported only to compile.

Inside other compiled code a `Kernel` is what `numba.njit` would have made of the function, a `Ufunc` what
`numba.vectorize` would have: both say so to numba by `_numba_type_`.
"""

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from types import FunctionType
from typing import Any

import numpy as np

from whalecurve.kernels.compiler import linker, machine_code
from whalecurve.kernels.compiler.cache import PLACE

LEAST, MOST = -(2**63), 2**63 - 1
C_ORDER, F_ORDER, ALIGNED, WRITEABLE = 0x1, 0x2, 0x100, 0x400
"""Bits of an array's flags."""

NUMBERS = "?bBhHiIlLfd"
"""NumPy's codes of the types that kernels take; q and Q are l and L by another name where code is kept."""


watch: Callable[[], AbstractContextManager[None]] = nullcontext
"""Called for each kernel that is compiled, for as long as that takes; for programs that tell their users."""


class Deferred:
    """A name of numba's, or of a module that imports it, for compiled code to use: looked up before it is compiled."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def resolve(self) -> Any:  # noqa: ANN401 - numba is untyped
        """What the name stands for."""
        return getattr(import_module(self._module), self._name)


def resolve_names(function: FunctionType) -> None:
    """Put what they stand for in the place of a function's deferred names; they are its module's from then on."""
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, Deferred):
            function.__globals__[name] = value.resolve()


def kind_of(argument: object) -> object:
    """What decides how numba types an argument, as a value to be compared; None for one that only numba may judge."""
    kind = type(argument)
    if kind is np.ndarray:
        return _array_kind(argument)  # type: ignore[arg-type]
    if kind is float or kind is np.float64:
        return "d"
    if kind is int:
        return "l" if LEAST <= argument <= MOST else None  # type: ignore[operator]
    if kind is bool or kind is np.bool_:
        return "?"
    if argument is None:
        return "none"
    if isinstance(argument, np.number):
        return argument.dtype.char if argument.dtype.char in NUMBERS else None
    if isinstance(argument, tuple):
        inner = tuple(kind_of(part) for part in argument)
        return None if None in inner else (kind, getattr(kind, "_fields", None), inner)
    return None


def _array_kind(array: np.ndarray[Any, Any]) -> object:
    dtype, flags = array.dtype, array.flags.num
    if dtype.char not in NUMBERS or not dtype.isnative or not flags & ALIGNED:
        return None
    return dtype.char, array.ndim, C_ORDER if flags & C_ORDER else flags & F_ORDER, flags & WRITEABLE


class Once:
    """An attribute that is made when it is first asked for; if several threads ask at once, the first made is taken.

    Of `functools.cached_property`, all objects of a class share one lock in Python 3.11, held as long as one of them is
    compiled, and for ever in a process that is forked meanwhile; in later versions each thread may get another object.
    """

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:  # noqa: ANN401
        return self if instance is None else instance.__dict__.setdefault(self._name, self._make(instance))


class Kernel:
    """A compiled function; its attributes beside those of a Python function are those of numba's dispatcher."""

    def __init__(self, function: Callable[..., Any]) -> None:
        if not isinstance(function, FunctionType):
            raise TypeError(f"{function!r} is not a Python function")
        functools.update_wrapper(self, function)
        self.py_func = function
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._n_arguments = function.__code__.co_argcount
        self._forms: dict[object, Callable[..., Any]] = {}

    def __call__(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        """Call the form that fits the arguments."""
        if named or len(arguments) != self._n_arguments:
            bound = inspect.signature(self.py_func).bind(*arguments, **named)
            bound.apply_defaults()
            arguments = bound.args
        kinds = tuple([kind_of(argument) for argument in arguments])
        form = self._forms.get(kinds)
        if form is None:
            form = self._form(kinds, arguments)
        return form(*arguments)

    def _form(self, kinds: tuple[object, ...], arguments: tuple[Any, ...]) -> Callable[..., Any]:
        if None in kinds:
            return self.dispatcher
        code = machine_code.kept(self._name, kinds)
        if code is None or not linker.can_be_linked(code.wanted):
            form = self.dispatcher
            recording = import_module("whalecurve.kernels.compiler.recording")
            with watch():
                recording.record_function(self._name, kinds, form, arguments)
        else:
            form = linker.linked_function(code, self.py_func)
        self._forms[kinds] = form
        return form

    @Once
    def dispatcher(self) -> Any:  # noqa: ANN401 - numba is untyped
        """What numba makes of the function.

        No `fastmath`: NaN must survive, and sums must not be reordered. `error_model="numpy"`: division by zero gives
        inf or NaN, never an exception. `nogil`: callers run kernels from several threads at once.
        """
        from numba import njit

        from whalecurve.kernels.compiler.numba_cache import in_place, use_kernel_files

        resolve_names(self.py_func)
        with in_place():
            made: Any = njit(cache=PLACE is not None, error_model="numpy", nogil=True)(self.py_func)
        use_kernel_files(getattr(made, "_cache", None))  # none where NUMBA_DISABLE_JIT leaves the function as it is
        return made

    @property
    def _numba_type_(self) -> Any:  # noqa: ANN401 - what it is inside compiled code
        return self.dispatcher._numba_type_

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.dispatcher, name)

    def __reduce__(self) -> str:
        return self.py_func.__qualname__


class Ufunc:
    """A NumPy ufunc of float64 over a pointwise function; arguments of other types are cast as NumPy casts them.

    It takes a plain function that calls a kernel, never the kernel itself: numba would compile that again, without
    its Python entry, and keep both under one name in its cache, where the wrong one crashes the next process.
    """

    def __init__(self, function: Callable[..., float]) -> None:
        if not isinstance(function, FunctionType):
            raise TypeError(f"{function!r} is compiled already; wrap it in a plain function")
        functools.update_wrapper(self, function)
        self.py_func = function
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._kinds = ("d",) * function.__code__.co_argcount

    def __call__(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        """Call it as any ufunc is called, or with arguments by the names that the function gives them."""
        if named:
            arguments = (*arguments, *self._by_name(len(arguments), named))
        return self.ufunc(*arguments, **named)

    def _by_name(self, n_given: int, named: dict[str, Any]) -> list[Any]:
        """Take the arguments after the first ones out of what is given by name; nothing where none of them is."""
        code = self.py_func.__code__
        names = code.co_varnames[n_given : code.co_argcount]
        missing = [name for name in names if name not in named]
        if missing and len(missing) < len(names):
            raise TypeError(f"{self.py_func.__name__}() lacks {', '.join(missing)}")
        return [named.pop(name) for name in names if not missing]

    @Once
    def ufunc(self) -> Any:  # noqa: ANN401
        """The ufunc itself: NumPy's, whether it was compiled now or before."""
        linked = self._linked()
        if linked is None:
            recording = import_module("whalecurve.kernels.compiler.recording")
            with watch():
                recording.record_ufunc(self._name, self._kinds, self.dispatcher)
            # Not numba's: it would raise other errors than NumPy's, and compiles itself for integers.
            linked = self._linked()
        return self.dispatcher.ufunc if linked is None else linked

    def _linked(self) -> np.ufunc | None:
        code = machine_code.kept(self._name, self._kinds)
        if code is None or not linker.can_be_linked(code.wanted):
            return None
        return linker.linked_ufunc(code, self.py_func, len(self._kinds))

    @Once
    def dispatcher(self) -> Any:  # noqa: ANN401 - numba is untyped
        """What numba makes of the function, for compiled code to call."""
        from numba import vectorize

        from whalecurve.kernels.compiler.numba_cache import in_place, use_kernel_files

        resolve_names(self.py_func)
        make: Any = vectorize
        with in_place():
            made = make(cache=PLACE is not None)(self.py_func)
        use_kernel_files(made._dispatcher.cache)
        return made

    @property
    def _numba_type_(self) -> Any:  # noqa: ANN401 - what it is inside compiled code
        from numba.core.registry import cpu_target

        context: Any = cpu_target.typing_context
        return context.resolve_value_type(self.dispatcher)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.ufunc, name)

    def __reduce__(self) -> str:
        return self.py_func.__qualname__
