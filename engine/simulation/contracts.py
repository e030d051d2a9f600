"""Contracts of simulated customers: two plans, whose customers do not renew with the chances of a beta distribution."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.simulation.drawn import Drawn
from whalecurve.engine.simulation.files import customer_ids
from whalecurve.kernels.arrays import Vector

WORD = "contracts"

HAVE_ONE = 0.6
PLANS: dict[str, tuple[float, float, float]] = {"basic": (0.704, 1.182, 12.0), "plus": (0.668, 3.806, 29.0)}
"""Of each plan alpha and beta of the chance not to renew, as the two of Fader & Hardie (2007), and the price."""

IN_PLUS = 0.4
REASONS = {"cancellation_requested": 0.72, "payment_failed": 0.25, "payment_disputed": 0.03}
REASONS_OF_BASIC = {"cancellation_requested": 0.60, "payment_failed": 0.37, "payment_disputed": 0.03}
ROWS_OF_NOBODY = 12
LONGEST = 600

COLUMNS = {
    "customer_id": "as in the orders; rows of customers without orders are planted",
    "start": "first day of the contract",
    "end": "day on which it was not renewed, a whole number of months after; null while it runs",
    "reason": "as Stripe has it; null while it runs",
    "plan": "basic or plus",
    "price": "a month",
}


def write_contracts(drawn: Drawn, directory: Path) -> dict[str, Any]:
    """Write `contracts.parquet`, a row a contract, and return what is true of it."""
    rng = drawn.generator(WORD)
    n = drawn.customers.height
    is_plus = rng.random(n) < IN_PLUS
    basic, plus = PLANS["basic"], PLANS["plus"]
    other = plus if drawn.is_planted else basic
    a, b = np.where(is_plus, other[0], basic[0]), np.where(is_plus, other[1], basic[1])
    months = _lifetimes(rng, rng.beta(a, b))
    span = (pl.lit(drawn.last_day) - pl.col("first_day")).dt.total_days() + 1
    later = (pl.Series(rng.random(n)) * span).floor().cast(pl.Int64)
    rows = drawn.customers.select(
        "customer_id",
        start=pl.col("first_day") + pl.duration(days=later),
        months=pl.Series(months),
        reason=_reasons(drawn, rng, is_plus),
        plan=pl.Series(np.where(is_plus, "plus", "basic")),
        price=pl.Series(np.where(is_plus, plus[2], basic[2])),
    )
    end = pl.col("start").dt.offset_by(pl.col("months").cast(pl.String) + "mo")
    rows = rows.with_columns(end=pl.when(end <= drawn.last_day).then(end))
    rows = rows.select(
        "customer_id", "start", "end", pl.when(pl.col("end").is_not_null()).then("reason"), "plan", "price"
    ).filter(pl.Series(rng.random(n) < HAVE_ONE))
    nobody = rows.head(ROWS_OF_NOBODY)
    nobody = nobody.with_columns(customer_id=pl.Series(customer_ids(np.arange(n, n + nobody.height), drawn.ids)))
    pl.concat([rows, nobody]).write_parquet(directory / f"{WORD}.parquet", compression="zstd")
    return {
        "file": f"{WORD}.parquet",
        "rows": rows.height + nobody.height,
        "rows_of_nobody": nobody.height,
        "planted": _planted(drawn),
        "independent": [] if drawn.is_planted else ["plan"],
        "columns": COLUMNS,
    }


def _planted(drawn: Drawn) -> list[dict[str, Any]]:
    return [
        {
            "value": plan,
            "meaning": "at each renewal, a month apart, a customer leaves with a chance of their own, which is beta "
            "distributed (alpha, beta) among customers; `involuntary` is the share of these whose payment failed or "
            "was disputed",
            "effects": {
                "alpha": (own if drawn.is_planted else PLANS["basic"])[0],
                "beta": (own if drawn.is_planted else PLANS["basic"])[1],
                "involuntary": 1.0 - _reasons_of(drawn, plan)["cancellation_requested"],
            },
        }
        for plan, own in PLANS.items()
    ]


def _reasons_of(drawn: Drawn, plan: str) -> dict[str, float]:
    return REASONS_OF_BASIC if plan == "basic" and drawn.is_planted else REASONS


def _reasons(drawn: Drawn, rng: np.random.Generator, is_plus: NDArray[np.bool_]) -> pl.Series:
    drawn_of = {
        plan: rng.choice(len(REASONS), is_plus.size, p=list(_reasons_of(drawn, plan).values())) for plan in PLANS
    }
    return pl.Series(list(REASONS)).gather(np.where(is_plus, drawn_of["plus"], drawn_of["basic"]))


def _lifetimes(rng: np.random.Generator, leaves: Vector) -> NDArray[np.int64]:
    """Renewals until each customer leaves, 1 for who never renews: geometric, by inversion."""
    with np.errstate(divide="ignore"):
        lives = np.ceil(np.log1p(-rng.random(leaves.size)) / np.log1p(-leaves))
    months: NDArray[np.int64] = np.clip(np.nan_to_num(lives, nan=1.0, posinf=LONGEST), 1, LONGEST).astype(np.int64)
    return months
