"""Kinds of files that orders come in, told by their first bytes, else by their names; and what is no file."""

from collections.abc import Iterable
from typing import Literal

Kind = Literal["parquet", "arrow", "text", "frame", "table", "query"]

SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "parquet": (".parquet", ".pq", ".parq"),
    "arrow": (".arrow", ".arrows", ".feather", ".ipc"),
    "text": tuple(
        f"{suffix}{compressed}" for suffix in (".csv", ".tsv", ".tab", ".psv") for compressed in ("", ".gz", ".zst")
    ),
}
"""Names of each kind. A directory is read as the first kind that it has files of."""

PLAIN_TEXT = (".txt", ".txt.gz", ".txt.zst")
"""Names of text that may hold anything: read where a file is named, not where a directory is."""

GZIP, ZSTD, ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"FEA1", "arrow"),
    (GZIP, "text"),
    (ZSTD, "text"),
)
LONGEST_MAGIC = 6


def kind_named(path: str) -> Kind | None:
    """The kind that a name tells; None for any other name."""
    return next((kind for kind, suffixes in SUFFIXES.items() if path.lower().endswith(suffixes)), None)


def kind_of(path: str, head: bytes) -> Kind:
    """The kind of a file with these first bytes; what neither they nor its name tell is taken for Parquet."""
    found: Kind | None = next((kind for magic, kind in MAGIC if head.startswith(magic)), None)
    return found or kind_named(path) or ("text" if path.lower().endswith(PLAIN_TEXT) else "parquet")


def of_one_kind(paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """The files of a directory that are read, all of one kind, and the others."""
    kinds = {path: kind_named(path) for path in paths}
    read = next((kind for kind in SUFFIXES if kind in kinds.values()), None)
    taken = [path for path, kind in kinds.items() if kind is not None and kind == read]
    return taken, [path for path, kind in kinds.items() if kind is None or kind != read]
