"""What is remembered from list to list: of each customer what was told, and who was on which list."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from whalecurve.engine.errors import InputError, reason, setting
from whalecurve.engine.order_files import UNREADABLE
from whalecurve.engine.paths import refuse_impossible
from whalecurve.engine.publication import FORMAT, published, read_record, write_json, write_table
from whalecurve.engine.triggers.choice import Choice

RECORD = "state.json"
CUSTOMERS, PRODUCTS, SENT, TOLD, HELD_BACK = (
    "customers.parquet",
    "products.parquet",
    "sent.parquet",
    "told.parquet",
    "held_back.parquet",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """What the last list left.

    on, since : its day, and that of the one before; None where there was none
    customers : see `events.SNAPSHOT`; nothing is read until collected
    products : see `replenishment.TOLD`; None where no list has looked for them
    sent : customer_id, on: lists that customers were on, as far back as the cooling off of the last one reaches
    choice : the last list itself: the list of a day is made once
    """

    on: date
    since: date | None
    customers: pl.LazyFrame
    products: pl.DataFrame | None
    sent: pl.DataFrame
    choice: Choice


def read_state(directory: Path, dtype: pl.DataType) -> State | None:
    """What a directory remembers of customers with ids of a type; None where there is nothing yet.

    Raises
    ------
    InputError
        It holds something else, customers with other ids, or files that cannot be read.
    """
    refuse_impossible(directory, setting("state", directory))
    if not directory.exists() or (directory.is_dir() and not any(directory.iterdir())):
        return None
    if not (directory / RECORD).is_file():
        raise InputError(f"{setting('state', directory)}: holds no state of triggers; name a new or empty directory")
    record = read_record(directory / RECORD, "on")
    try:
        state = State(
            on=date.fromisoformat(record["on"]),
            since=None if record.get("since") is None else date.fromisoformat(record["since"]),
            customers=pl.scan_parquet(directory / CUSTOMERS, glob=False),
            products=_if_there(directory / PRODUCTS),
            sent=pl.read_parquet(directory / SENT, glob=False),
            choice=Choice(
                told=pl.read_parquet(directory / TOLD, glob=False),
                held_back=pl.read_parquet(directory / HELD_BACK, glob=False),
            ),
        )
        state.customers.collect_schema()  # that they can be read is found out here
    except (*UNREADABLE, ValueError, TypeError) as error:
        raise InputError(
            f"{setting('state', directory)}: cannot be read ({reason(error)}); restore it, or name a new directory"
        ) from error
    if (found := state.sent.schema["customer_id"]) != dtype:
        raise InputError(
            f"{setting('state', directory)}: holds ids of {found}, and those of the result are {dtype}; name another "
            f"directory"
        )
    return state


def _if_there(path: Path) -> pl.DataFrame | None:
    return pl.read_parquet(path, glob=False) if path.is_file() else None


def write_state(directory: Path, state: State, cooling_off: int) -> None:
    """Put a new state in the place of the old one in one step, with the list that it comes from."""
    oldest = state.on - timedelta(days=cooling_off)
    with published(directory, "state") as staging:
        write_table(state.customers.collect(engine="streaming"), staging / CUSTOMERS)
        if state.products is not None:
            write_table(state.products, staging / PRODUCTS)
        write_table(state.sent.filter(pl.col("on") > oldest).sort("customer_id", "on"), staging / SENT)
        write_table(state.choice.told, staging / TOLD)
        write_table(state.choice.held_back, staging / HELD_BACK)
        since = None if state.since is None else state.since.isoformat()
        write_json({"format": FORMAT, "on": state.on.isoformat(), "since": since}, staging / RECORD)
