"""A dearer product of a category that the customer buys: on the next shelf by price.

The products of a category are in thirds by their median price. A customer's third is the highest of those that they
bought from; they are led to the next one up that has products, in the category that they bought most products of where
there is one.
"""

import numpy as np
import polars as pl

from whalecurve.engine.baskets.coded_log import CodedLog
from whalecurve.engine.baskets.coded_share import CodedShare, by_customer
from whalecurve.engine.baskets.items import TIERS
from whalecurve.engine.baskets.recommend import DEARER_MOST, Task
from whalecurve.kernels.arrays import Int32

N_TIERS = len(TIERS)


def dearer_task(log: CodedLog) -> Task | None:
    """The task; None where there are no categories, or no category has products of several prices."""
    if log.categories is None:
        return None
    n = log.categories.n * N_TIERS
    category = log.categories.codes
    kept = log.items.filter(pl.Series(log.products.codes >= 0)).sort(
        pl.Series(log.products.codes[log.products.codes >= 0])
    )
    tier = kept["tier"].fill_null(-1).to_numpy()
    of_category = category[kept["number"].to_numpy()]
    shelves = np.where((tier >= 0) & (of_category >= 0), of_category * N_TIERS + tier, -1).astype(np.int32)
    if not (shelves >= 0).any():
        return None
    next_up = _next_up(np.bincount(shelves[shelves >= 0], minlength=n))

    def shelf_of(share: CodedShare, until: int | None) -> Int32:
        return _shelf_of(share, log, shelves, next_up, until)

    return Task(
        name="dearer product", level=log.products, shelf_of_item=shelves, n_shelves=n, shelf_of=shelf_of,
        most=DEARER_MOST,
    )  # fmt: skip


def _next_up(sizes: np.ndarray) -> Int32:
    """For each shelf, the next one of its category that has products; -1 where there is none."""
    found = np.full(sizes.size, -1, dtype=np.int32)
    for shelf in range(sizes.size):
        above = range(shelf + 1, (shelf // N_TIERS + 1) * N_TIERS)
        found[shelf] = next((other for other in above if sizes[other] > 0), -1)
    return found


def _shelf_of(share: CodedShare, log: CodedLog, shelves: Int32, next_up: Int32, until: int | None) -> Int32:
    own = by_customer(share, log.products, until=until)
    owners = np.repeat(np.arange(own.sizes.size), own.sizes)
    bought = pl.DataFrame({"at": owners, "shelf": shelves[own.items]}).filter(pl.col("shelf") >= 0)
    usual = (
        bought.with_columns(category=pl.col("shelf") // N_TIERS)
        .group_by("at", "category")
        .agg(n=pl.len().cast(pl.Int64), shelf=pl.col("shelf").max())
    )
    led = usual.with_columns(to=pl.Series(next_up[usual["shelf"].to_numpy()])).filter(pl.col("to") >= 0)
    chosen = led.sort("at", -pl.col("n"), "category").unique("at", keep="first", maintain_order=True)
    shelf = np.full(own.sizes.size, -1, dtype=np.int32)
    shelf[chosen["at"].to_numpy()] = chosen["to"].to_numpy()
    return shelf
