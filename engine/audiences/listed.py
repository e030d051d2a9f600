"""The customers of a list that another command wrote: the triggers of a day, or a sample."""

from pathlib import Path

import polars as pl

from whalecurve.engine.errors import InputError, reason, setting
from whalecurve.engine.publication import MANIFEST, Result, at_hand, read_record

FILES = {"triggers": ("triggers.parquet", "trigger"), "sample": ("sample.parquet", "list")}
"""File of each command that writes lists, and its column that divides them."""


def listed_customers(result: Result, path: str | Path) -> pl.DataFrame:
    """Customers of a list, and which part of it they are in, in its order: customer_id, segment.

    Raises
    ------
    InputError
        No directory of such a list, a list of another result, or one that cannot be read.
    """
    with at_hand(path) as directory:
        return _listed(result, directory)


def _listed(result: Result, directory: Path) -> pl.DataFrame:
    place = setting("listed", directory)
    if not (directory / MANIFEST).is_file():
        raise InputError(f"{place}: no list; name a directory that whalecurve triggers or sample wrote")
    record = read_record(directory / MANIFEST, "command", "inputs")
    if record["command"] not in FILES:
        raise InputError(
            f"{place}: of whalecurve {record['command']}; name a directory that whalecurve triggers or sample wrote"
        )
    ours, theirs = result.manifest["run_id"], [source.get("run_id") for source in record["inputs"]]
    if ours not in theirs:
        raise InputError(f"{place}: is a list of another result than {result.path}; make it again from this one")
    file, part = FILES[record["command"]]
    try:
        rows = pl.read_parquet(directory / file, columns=["customer_id", part], glob=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(f"{place}: {file} cannot be read ({reason(error)}); make the list again") from error
    return rows.select("customer_id", segment=pl.col(part).cast(pl.String))
