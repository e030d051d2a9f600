"""Tickets of simulated customers: who buys often is served sooner, and more of their tickets are solved."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.simulation.drawn import Drawn
from whalecurve.engine.simulation.files import customer_ids
from whalecurve.engine.simulation.surveys import FREQUENT, is_frequent, moments

WORD = "tickets"

MEAN_TICKETS = 0.4
SOLVED, SOLVED_OF_FREQUENT = 0.70, 0.97
MEDIAN_HOURS, MEDIAN_HOURS_OF_FREQUENT, SPREAD = 30.0, 8.0, 1.0
"""Of the time until a ticket is solved, if it is; the spread is of its logarithm."""

REOPENED, ROWS_OF_NOBODY = 0.10, 12
RATING_SHARES = (0.10, 0.05, 0.15, 0.30, 0.40)

COLUMNS = {
    "customer_id": "as in the orders; rows of customers without orders are planted",
    "opened": "time",
    "solved": "time; null where it was never solved; may be after the last day of the log",
    "reopened": "whether it was opened again",
    "rating": "1 to 5; null for half of them",
}


def write_tickets(drawn: Drawn, directory: Path) -> dict[str, Any]:
    """Write `tickets.parquet`, a row a ticket, and return what is true of it."""
    rng = drawn.generator(WORD)
    n_each = rng.poisson(MEAN_TICKETS, drawn.customers.height)
    whose = np.repeat(np.arange(drawn.customers.height), n_each)
    often = is_frequent(drawn)[whose]
    asking = drawn.customers[whose]
    n = whose.size
    hours = np.where(often, MEDIAN_HOURS_OF_FREQUENT, MEDIAN_HOURS) * np.exp(SPREAD * rng.standard_normal(n))
    is_solved = rng.random(n) < np.where(often, SOLVED_OF_FREQUENT, SOLVED)
    rating = 1 + rng.choice(len(RATING_SHARES), n, p=RATING_SHARES)
    opened = moments(asking, drawn.last_day, rng)
    seconds = pl.Series(np.rint(hours * 3600).astype(np.int64))
    rows = asking.select("customer_id", opened=opened, seconds=seconds).select(
        "customer_id",
        "opened",
        solved=pl.when(pl.Series(is_solved)).then(pl.col("opened") + pl.duration(seconds="seconds")),
        reopened=pl.Series(rng.random(n) < REOPENED),
        rating=pl.when(pl.Series(rng.random(n) < 0.5)).then(pl.Series(rating, dtype=pl.Int64)),
    )
    nobody = rows.head(ROWS_OF_NOBODY)
    first = drawn.customers.height
    nobody = nobody.with_columns(
        customer_id=pl.Series(customer_ids(np.arange(first, first + nobody.height), drawn.ids))
    )
    pl.concat([rows, nobody]).write_parquet(directory / f"{WORD}.parquet", compression="zstd")
    return {
        "file": f"{WORD}.parquet",
        "rows": rows.height + nobody.height,
        "rows_of_nobody": nobody.height,
        "planted": _planted() if drawn.is_planted else [],
        "independent": ["reopened", "rating"],
        "columns": COLUMNS,
    }


def _planted() -> list[dict[str, Any]]:
    return [
        {
            "meaning": "of customers in the top `frequent` by rate of purchases the share `solved_of_frequent` of the "
            "tickets is solved, half of these within `median_hours_of_frequent`; of the others `solved` and "
            "`median_hours`",
            "effects": {
                "frequent": FREQUENT,
                "solved": SOLVED,
                "solved_of_frequent": SOLVED_OF_FREQUENT,
                "median_hours": MEDIAN_HOURS,
                "median_hours_of_frequent": MEDIAN_HOURS_OF_FREQUENT,
            },
        }
    ]
