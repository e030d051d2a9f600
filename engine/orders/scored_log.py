"""The order log that a result was scored from, opened again as it was read then."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.order_files import OrderFile, Paths, Query, find_files, matching, sizes_in_words, sizes_of
from whalecurve.engine.paths import is_url
from whalecurve.engine.publication import Result
from whalecurve.engine.settings import ROLES, Columns

VERSIONS = ("version", "snapshot", "e_tag")
"""What records say of the version of a table, or of the content of an object."""


def scored_files(result: Result, moved: Paths | None = None) -> list[OrderFile]:
    """The files of the orders of a result, which are those that its manifest names, or `moved`.

    Raises
    ------
    InputError
        Files that are gone, or that are not what was scored; a result of totals, which no lines are known of.
    """
    if result.definitions.get("totals_version") is not None:
        raise InputError(
            f"{result.path}: was scored from totals of customers, and this reads order lines; score the orders "
            f"themselves"
        )
    inputs = result.manifest.get("inputs", [])
    files = find_files(_sources(result, inputs) if moved is None else _asked_there(inputs, moved))
    _check_unchanged(result, inputs, files, is_moved=moved is not None)
    return files


def scored_columns(result: Result) -> Columns:
    """The mapping of the result; what it left out stays out, whatever columns files have."""
    recorded: dict[str, Any] = result.definitions.get("columns", {})
    unused = dict.fromkeys(("margin", "cost", "order"), "")
    mapped = {role: recorded[role] for role in ROLES if role in recorded}
    missing, nobody = result.definitions.get("missing", "error"), tuple(result.definitions.get("nobody") or ())
    conditions: dict[str, Any] = {name: result.definitions.get(name) for name in ("where", "keep")}
    lists: dict[str, Any] = {name: tuple(result.definitions.get(name) or ()) for name in ("fill_down", "normalise_ids")}
    is_total = bool(result.definitions.get("order_total"))
    return Columns(
        **(unused | mapped), **conditions, **lists, **_attributes(result), order_total=is_total, missing=missing,
        nobody=nobody,
    )  # fmt: skip


def _attributes(result: Result) -> dict[str, Any]:
    """The files of attributes of the result, of which those that are gone can be asked for nothing."""
    told = result.definitions
    there = tuple(path for path in told.get("attributes", ()) if _is_there(path))
    if not there:
        return {}
    return {"attributes": there} | {name: told[name] for name in ("attributes_key", "pool_below")}


def _is_there(path: str) -> bool:
    """Whether a path, directory or glob has anything; a URL is taken at its word."""
    return is_url(path) or Path(path).exists() or bool(matching(path))


def _sources(result: Result, inputs: Sequence[dict[str, Any]]) -> list[str | Query]:
    paths = [str(file["path"]) for file in inputs]
    gone = [path for path in paths if not is_url(path) and not Path(path).exists()]
    if gone or not paths:
        what = f"its orders are no longer at {gone[0]}" if gone else "its manifest names no orders"
        raise InputError(f"{result.path}: {what}; name them with {setting('orders')}, or score again")
    return [Query(path, file["query"]) if "query" in file else path for path, file in zip(paths, inputs, strict=True)]


def _asked_there(inputs: Sequence[dict[str, Any]], moved: Paths) -> Paths:
    """The orders that are named instead: of a result of one query, a database to ask the same, as with its password."""
    named = moved[0] if isinstance(moved, list | tuple) and len(moved) == 1 else moved
    if len(inputs) == 1 and "query" in inputs[0] and isinstance(named, str | os.PathLike):
        return Query(str(named), inputs[0]["query"])
    return moved


def _check_unchanged(
    result: Result, inputs: Sequence[dict[str, Any]], files: Sequence[OrderFile], *, is_moved: bool
) -> None:
    """Hold rows and bytes of every file against the manifest; files that moved, by their sizes alone."""
    if is_moved:
        scored, given = sizes_of((file["rows"], file["bytes"]) for file in inputs), sizes_of(map(_size, files))
        if scored != given:
            raise InputError(
                f"{setting('orders')}: {sizes_in_words(given)}, but {result.path} was scored from "
                f"{sizes_in_words(scored)}; name the files that were scored, or score again"
            )
        return
    versions = {str(file["path"]): {name: file.get(name) for name in VERSIONS} for file in inputs}
    for file in files:
        recorded = versions.get(file.path, {})
        if other := next((name for name in VERSIONS if recorded.get(name) != file.origin.get(name)), None):
            raise InputError(
                f"{file.path}: has changed since {result.path} was scored: {other} {file.origin.get(other)}, then "
                f"{recorded.get(other)}; score again"
            )
    then = {str(file["path"]): (file["rows"], file["bytes"]) for file in inputs}
    for file in files:
        n_rows, n_bytes = _size(file)
        was = then.get(file.path, (n_rows, n_bytes))
        if was != (n_rows, n_bytes):
            raise InputError(
                f"{file.path}: has changed since {result.path} was scored: {n_rows or 0:,} rows in {n_bytes or 0:,} "
                f"bytes, then {was[0] or 0:,} in {was[1] or 0:,}; score again, or name the old files with "
                f"{setting('orders')}"
            )


def _size(file: OrderFile) -> tuple[int | None, int | None]:
    return file.n_rows, file.n_bytes
