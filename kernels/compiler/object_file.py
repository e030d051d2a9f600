"""Object files (ELF, 64 bits): the symbols that they define and need, read and changed without LLVM."""

from typing import Any

import numpy as np

SECTION = np.dtype(
    [("name", "<u4"), ("type", "<u4"), ("flags", "<u8"), ("address", "<u8"), ("start", "<u8"), ("size", "<u8"),
     ("link", "<u4"), ("info", "<u4"), ("align", "<u8"), ("entry", "<u8")]
)  # fmt: skip
SYMBOL = np.dtype([("name", "<u4"), ("info", "u1"), ("other", "u1"), ("section", "<u2"), ("at", "<u8", 2)])
SECTIONS_START, N_SECTIONS = 40, 60
"""Where the header says at which byte the table of sections begins, and how many they are."""

SYMBOL_TABLE = 2
"""Type of the section that holds the symbols; their names are in the one that it links to."""

GLOBAL, WEAK = 0x10, 0x20
"""Binding of a symbol, the upper half of `info`."""


def _tables(object_file: bytes | bytearray) -> tuple[np.ndarray[Any, Any], bytes]:
    """Symbols, as a view of the file, and the names that they refer to."""
    (start,) = np.frombuffer(object_file, "<u8", 1, SECTIONS_START).tolist()
    (n,) = np.frombuffer(object_file, "<u2", 1, N_SECTIONS).tolist()
    sections = np.frombuffer(object_file, SECTION, n, start)
    symbols = sections[sections["type"] == SYMBOL_TABLE][0]
    names = sections[symbols["link"]]
    first, size = int(names["start"]), int(names["size"])
    rows = np.frombuffer(object_file, SYMBOL, int(symbols["size"]) // SYMBOL.itemsize, int(symbols["start"]))
    return rows, bytes(object_file[first : first + size])


def symbols_of(object_file: bytes) -> tuple[set[str], set[str]]:
    """Symbols that an object file defines, and those that it refers to."""
    table, names = _tables(object_file)

    def named(rows: np.ndarray[Any, Any]) -> set[str]:
        return {names[start : names.index(b"\0", start)].decode() for start in rows["name"].tolist() if start}

    return named(table[table["section"] != 0]), named(table[table["section"] == 0])


def with_own_symbols(object_file: bytes) -> bytes:
    """The same code, whose weak definitions are its own.

    Of weak definitions with one name the linker takes the first that it sees. numba numbers functions anew in every
    process, so that code from two of them may give one name to two functions.
    """
    own = bytearray(object_file)
    table, _ = _tables(own)
    weak = (table["section"] != 0) & (table["info"] & 0xF0 == WEAK)
    table["info"][weak] = table["info"][weak] & 0x0F | GLOBAL
    return bytes(own)


def with_name_changed(object_file: bytes, name: str, new: str) -> bytes:
    """The same code, referring to a symbol by another name of the same length."""
    if len(name) != len(new):
        raise ValueError(f"{name} and {new} are not of one length")
    _, names = _tables(object_file)
    return object_file.replace(names, names.replace(f"\0{name}\0".encode(), f"\0{new}\0".encode()))
