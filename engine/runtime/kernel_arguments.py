"""Arrays as kernels take them."""

from typing import Any, TypeVar

from numpy.typing import NDArray

Array = TypeVar("Array", bound=NDArray[Any])


def frozen(array: Array) -> Array:
    """A view that cannot be written to, as the arrays of Polars cannot: kernels are compiled for one of the two."""
    view = array.view()
    view.flags.writeable = False
    return view
