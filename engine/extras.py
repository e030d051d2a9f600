"""Libraries that some inputs need and most users do not: they come with extras of the package."""

from importlib import import_module
from typing import Any

from whalecurve.engine.errors import InputError


def needed(module: str, *, extra: str, place: str) -> Any:  # noqa: ANN401 - whatever the library has
    """A library of an extra, imported.

    Parameters
    ----------
    module
        Its name, or that of a part of it.
    extra
        What it is installed with.
    place
        What cannot be read without it, as a message says it.

    Raises
    ------
    InputError
        It is not installed; the message says how it is.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if not (error.name and module.startswith(error.name)):
            raise  # it is there, and broken
        raise InputError(f"{place}, which needs {error.name}; install it: pip install 'whalecurve[{extra}]'") from error
