"""Orders of simulated customers that habits make: a product that is bought regularly, a pair, and what follows what.

They are order lines as those of the log, in a file of their own, to be read together with it: the log stays as it is.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.simulation import catalogue
from whalecurve.engine.simulation.drawn import Drawn
from whalecurve.kernels.arrays import Int64

WORD = "habits"

REFILL, REFILL_CATEGORY, REFILL_BRAND = "Coffee refill", "Pantry", "Pellam"
REFILL_DAYS, REFILL_HOUR = 28, 7
"""A multiple of a week: who buys the refill does so on a weekday of their own."""

LATE_BY, LATE_SHARE = 7, 0.1
REGULARS, PAIRING, FOLLOWING = 0.2, 0.4, 0.4
"""Shares of the customers with each habit."""

PAIR, SEQUENCE = ("Kitchen", "Garden"), ("Audio", "Lighting")
SOON = 5
"""Days from the first order of a sequence to the second."""

FIRST_ORDER = 10**12
PRICE, MARGIN = 20.0, 8.0


def write_habits(drawn: Drawn, directory: Path) -> dict[str, Any]:
    """Write `habits.parquet`, a row an order line, and return what is true of it.

    Without planted facts there are as many orders, on days and of products that are drawn at random.
    """
    rng = drawn.generator(WORD)
    lines = pl.concat([_refills(drawn, rng), _pairs(drawn, rng), _sequences(drawn, rng)])
    lines = lines.filter(pl.col("day") <= pl.lit(drawn.last_day).cast(pl.Int32))
    if not drawn.is_planted:
        lines = _at_random(lines, drawn, rng)
    _as_orders(lines, drawn).write_parquet(directory / f"{WORD}.parquet", compression="zstd")
    facts = {
        "replenished": {"product": REFILL, "every_days": REFILL_DAYS, "customers": REGULARS},
        "pair": {"categories": list(PAIR), "customers": PAIRING},
        "sequence": {"categories": list(SEQUENCE), "days": SOON, "customers": FOLLOWING},
    }
    return {
        "rows": lines.height,
        "note": "order lines to be read with the orders; of customers who have them, not of those who leave",
        "planted": facts if drawn.is_planted else {},
    }


def _chosen(drawn: Drawn, rng: np.random.Generator, share: float) -> tuple[Int64, Int64]:
    """Some customers, by their place, and a day after their first order on which a habit begins."""
    n = drawn.customers.height
    who = np.flatnonzero(rng.random(n) < share)
    came = drawn.customers["first_day"].cast(pl.Int32).to_numpy()[who].astype(np.int64)
    return who, came + rng.integers(1, 60, who.size)


def _refills(drawn: Drawn, rng: np.random.Generator) -> pl.DataFrame:
    who, day = _chosen(drawn, rng, REGULARS)
    last = (drawn.last_day - datetime(1970, 1, 1, tzinfo=UTC).date()).days
    n = np.maximum((last - day) // REFILL_DAYS + 1, 0)
    times = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
    late = np.where(rng.random(times.size) < LATE_SHARE, LATE_BY, 0)
    days = np.repeat(day, n) + REFILL_DAYS * times + late
    return _lines(np.repeat(who, n), days, 0, np.full(times.size, REFILL_CATEGORY), REFILL_HOUR)


def _pairs(drawn: Drawn, rng: np.random.Generator) -> pl.DataFrame:
    who, day = _chosen(drawn, rng, PAIRING)
    return pl.concat([_lines(who, day, 1, np.full(who.size, category), 18) for category in PAIR])


def _sequences(drawn: Drawn, rng: np.random.Generator) -> pl.DataFrame:
    who, day = _chosen(drawn, rng, FOLLOWING)
    return pl.concat(
        [_lines(who, day + SOON * i, 2 + i, np.full(who.size, category), 18) for i, category in enumerate(SEQUENCE)]
    )


def _lines(who: Int64, day: Int64, kind: int, category: np.ndarray, hour: int) -> pl.DataFrame:
    """Lines of one kind; those of a customer, kind and day are an order."""
    return pl.DataFrame({"at": who, "day": day.astype(np.int32), "category": category}).with_columns(
        kind=pl.lit(kind, pl.Int8), hour=pl.lit(hour, pl.Int8)
    )


def _at_random(lines: pl.DataFrame, drawn: Drawn, rng: np.random.Generator) -> pl.DataFrame:
    """The same lines, each an order of its own, of any category on any day of the customer's."""
    came = drawn.customers["first_day"].cast(pl.Int32).to_numpy()[lines["at"].to_numpy()].astype(np.int64)
    last = (drawn.last_day - datetime(1970, 1, 1, tzinfo=UTC).date()).days
    day = came + (rng.random(lines.height) * (last - came + 1)).astype(np.int64)
    category = np.array(catalogue.CATEGORIES)[rng.integers(0, len(catalogue.CATEGORIES), lines.height)]
    hour = rng.integers(0, 24, lines.height).astype(np.int8)
    placed = lines.with_columns(day=pl.Series(day.astype(np.int32)), category=pl.Series(category), hour=pl.Series(hour))
    return placed.unique(["at", "day"], keep="first", maintain_order=True)


def _as_orders(lines: pl.DataFrame, drawn: Drawn) -> pl.DataFrame:
    """The lines in the columns of the log, in the order of time: of each category one product."""
    named = {article.category: article for article in reversed(catalogue.products(catalogue.NEUTRAL))}
    articles = {category: (article.name, article.brand) for category, article in named.items()}
    articles[REFILL_CATEGORY] = (REFILL, REFILL_BRAND)
    about = pl.DataFrame(
        [(category, *article) for category, article in articles.items()],
        schema=["category", "product", "brand"],
        orient="row",
    )
    who = drawn.customers.select("customer_id", "city").with_row_index("at").with_columns(pl.col("at").cast(pl.Int64))
    rows = lines.sort("day", "at", "kind", "category").join(about, on="category", how="left", maintain_order="left")
    rows = rows.join(who, on="at", how="left", maintain_order="left")
    order = pl.struct("day", "at", "kind").rle_id().cast(pl.Int64)
    time = pl.col("day").cast(pl.Date).cast(pl.Datetime("us")) + pl.duration(hours=pl.col("hour"))
    return rows.select(
        "customer_id",
        order_ts=time.cast(pl.Datetime("us")),
        order_id=FIRST_ORDER + order,
        amount=pl.lit(PRICE),
        margin=pl.lit(MARGIN),
        product="product",
        category="category",
        brand="brand",
        city="city",
        channel=pl.lit("web"),
        campaign=pl.lit(None, dtype=pl.String),
        discount=pl.lit(0.0),
    )
