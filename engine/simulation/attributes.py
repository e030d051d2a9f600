"""What is known of simulated customers: some of it goes with how they behave, some does not."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.simulation.drawn import Drawn
from whalecurve.engine.simulation.files import customer_ids
from whalecurve.kernels.arrays import Vector

WORD = "attributes"

MEAN_AGE, AGE_SPREAD, AGE_BY_SPEND = 45.0, 9.0, 10.0
YOUNGEST, OLDEST = 18, 90
INTERESTS = ("running", "cooking", "gardening", "gaming", "fashion", "travel")
REGIONS = {"north": 0.35, "south": 0.30, "east": 0.20, "west": 0.15}
PLANTED_INTEREST, ITS_SHARE, ITS_SHARE_OF_FREQUENT = "running", 0.10, 0.40
FREQUENT = 0.20
"""The share of customers, by rate of purchases, who have the planted interest more often."""
WITHOUT_ROW, WITHOUT_AGE = 0.08, 0.03
ROWS_OF_NOBODY = 12

COLUMNS = {
    "customer_id": "as in the orders; customers without a row, and rows of customers without orders, are planted",
    "age": f"years, {YOUNGEST} to {OLDEST}; null for some",
    "region": "where the customer lives",
    "interest": "what the customer likes most",
    "household": "people in the household, 1 to 5",
    "newsletter": "whether the customer takes the newsletter",
}


def write_attributes(drawn: Drawn, directory: Path) -> dict[str, Any]:
    """Write `attributes.parquet`, a row a customer, and return what is true of it."""
    rng = drawn.generator(WORD)
    n = drawn.customers.height
    age = _age(drawn, rng)
    rows = drawn.customers.select("customer_id").with_columns(
        age=pl.when(pl.Series(rng.random(n) >= WITHOUT_AGE)).then(pl.Series(age).cast(pl.Int16)),
        region=_drawn(list(REGIONS), rng.choice(len(REGIONS), n, p=list(REGIONS.values()))),
        interest=_drawn(list(INTERESTS), _interest(drawn, rng)),
        household=pl.Series(rng.integers(1, 6, n), dtype=pl.Int8),
        newsletter=pl.Series(rng.random(n) < 0.5),
    )
    kept = rows.filter(pl.Series(rng.random(n) >= WITHOUT_ROW))
    nobody = kept.head(ROWS_OF_NOBODY)
    beyond = customer_ids(np.arange(n, n + nobody.height), drawn.ids)
    nobody = nobody.with_columns(customer_id=pl.Series(beyond))
    pl.concat([kept, nobody]).write_parquet(directory / f"{WORD}.parquet", compression="zstd")
    return {
        "file": f"{WORD}.parquet",
        "rows": kept.height + nobody.height,
        "customers_without_row": n - kept.height,
        "rows_of_nobody": nobody.height,
        "planted": _planted() if drawn.is_planted else [],
        "independent": ["region", "household", "newsletter", *(() if drawn.is_planted else ("age", "interest"))],
        "columns": COLUMNS,
    }


def _planted() -> list[dict[str, Any]]:
    return [
        {
            "column": "age",
            "meaning": "mean_age + years_per_deviation * z + noise, z being the normal score of the customer's rank by "
            "expected amount of an order: the older spend more",
            "effects": {"mean_age": MEAN_AGE, "years_per_deviation": AGE_BY_SPEND, "noise": AGE_SPREAD},
        },
        {
            "column": "interest",
            "value": PLANTED_INTEREST,
            "meaning": "the interest of `share_of_frequent` of the customers in the top `frequent` by rate of "
            "purchases, and of `share` of the others; other interests are alike",
            "effects": {"share": ITS_SHARE, "share_of_frequent": ITS_SHARE_OF_FREQUENT, "frequent": FREQUENT},
        },
    ]


def _age(drawn: Drawn, rng: np.random.Generator) -> Vector:
    """Whole years."""
    n = drawn.customers.height
    noise = rng.standard_normal(n)
    if drawn.is_planted:
        years = MEAN_AGE + AGE_BY_SPEND * _normal_scores(drawn.customers["mean_order"]) + AGE_SPREAD * noise
    else:
        years = MEAN_AGE + float(np.hypot(AGE_BY_SPEND, AGE_SPREAD)) * noise
    return np.clip(np.rint(years), YOUNGEST, OLDEST)


def _normal_scores(values: pl.Series) -> Vector:
    """Quantiles of the standard normal at the mid-ranks, by Blom (1958)."""
    from scipy.special import ndtri  # costs more to import than most runs need

    ranks = values.rank("average").to_numpy()
    return np.asarray(ndtri((ranks - 0.375) / (len(ranks) + 0.25)))


def _interest(drawn: Drawn, rng: np.random.Generator) -> NDArray[np.int64]:
    """The place of each customer's interest among `INTERESTS`."""
    n = drawn.customers.height
    others = rng.integers(1, len(INTERESTS), n)
    if not drawn.is_planted:
        return np.where(rng.random(n) < ITS_SHARE, 0, others)
    rank = drawn.customers["purchase_rate"].rank("ordinal", descending=True).to_numpy()
    share = np.where(rank <= FREQUENT * n, ITS_SHARE_OF_FREQUENT, ITS_SHARE)
    return np.where(rng.random(n) < share, 0, others)


def _drawn(names: list[str], places: NDArray[np.int64]) -> pl.Series:
    return pl.Series(names).gather(places)
