"""How kernels are compiled: one policy for every file, and no import of numba until something must be compiled."""

from collections.abc import Callable
from typing import Any

from whalecurve.kernels.compiler.kernel import Deferred, Kernel, Ufunc

prefetch: Any = Deferred("whalecurve.kernels.compiler.intrinsics", "prefetch")
word_at: Any = Deferred("whalecurve.kernels.compiler.intrinsics", "word_at")


def scalar(function: Callable[..., Any]) -> Any:  # noqa: ANN401 - as untyped as what numba makes of it
    """A pointwise function, or a serial loop over arrays."""
    return Kernel(function)


def broadcast(function: Callable[..., float]) -> Any:  # noqa: ANN401
    """A NumPy ufunc over a pointwise function; inside other compiled code it takes scalars too."""
    return Ufunc(function)
