"""Gaps between a customer's purchase days that the models of purchases are not made for."""

from datetime import date

import numpy as np
import polars as pl

from whalecurve.engine.audit.audit import Audit
from whalecurve.engine.audit.samples import sample_of_lines
from whalecurve.engine.errors import Message, setting
from whalecurve.engine.orders import day_at

TIMES_MEDIAN = 2
"""A log should be longer than this many median gaps."""
FEWEST_GAPS = 10
GAPS_OF_ONE, FEWEST_CUSTOMERS = 3, 10
"""Gaps from which a customer's regularity is judged, and customers with so many from which that of a log is."""
SHORTEST, TOLERANCE, REGULAR_GAPS = 5, 0.1, 0.8
"""Days of a median gap that can be regular, how far gaps may be from it (a day at least), and how many must be near."""
REGULAR_CUSTOMERS = 0.5
"""Share of the customers judged from which it is said. Of customers who buy at random fewer than one in fifty look so,
whether they buy each week or each quarter."""
FEWEST_MONTHS = 4


def purchase_days(lines: pl.LazyFrame, n_lines: int) -> pl.LazyFrame:
    """The days on which each customer has a sale; of a log of very many lines, those of a share of the customers.

    Columns: whose, a hash of the customer's id, and day. `n_lines` lines have customer_id, day and is_return.
    """
    days = lines.filter(~pl.col("is_return")).select(pl.col("customer_id").hash(seed=0).alias("whose"), "day")
    return sample_of_lines(n_lines).of_hashes(days, pl.col("whose")).unique()


def rhythm_notes(days: pl.DataFrame, audit: Audit) -> list[Message]:
    """What a reader should be told of the gaps between purchase days, a sentence each."""
    gaps = (
        days.sort("whose", "day")
        .select("whose", gap=pl.when(pl.col("whose") == pl.col("whose").shift()).then(pl.col("day").diff()))
        .drop_nulls()
    )
    return [Message(words) for words in (*_months(days), *_short(gaps, audit), *_regular(gaps))]


def _months(days: pl.DataFrame) -> list[str]:
    distinct: list[date] = [day_at(day) for day in days["day"].unique().sort()]
    if len(distinct) < FEWEST_MONTHS or any(day.day != 1 for day in distinct):
        return []
    return [
        f"all {len(distinct):,} days are the first of a month: if the times are months, count by them, with "
        f"{setting('model', 'bgbb')} {setting('period', 'month')}"
    ]


def _short(gaps: pl.DataFrame, audit: Audit) -> list[str]:
    median = gaps["gap"].median()
    if gaps.height < FEWEST_GAPS or not isinstance(median, float) or audit.observed_days >= TIMES_MEDIAN * median:
        return []
    return [
        f"the log has {audit.observed_days:,} days, fewer than {TIMES_MEDIAN} median gaps between the purchase days "
        f"of a customer ({median:g} days): most of who comes back is not seen; name the files of earlier days too"
        + (f", or give an earlier {setting('since')}" if audit.window.since is not None else "")
    ]


def _regular(gaps: pl.DataFrame) -> list[str]:
    own = gaps.with_columns(n=pl.len().over("whose"), median=pl.col("gap").median().over("whose"))
    judged = own.filter((pl.col("n") >= GAPS_OF_ONE) & (pl.col("median") >= SHORTEST))
    near = (pl.col("gap") - pl.col("median")).abs() <= pl.max_horizontal(TOLERANCE * pl.col("median"), pl.lit(1.0))
    by_customer = judged.group_by("whose").agg(share=near.mean(), median=pl.col("median").first())
    n_judged = own.filter(pl.col("n") >= GAPS_OF_ONE)["whose"].n_unique()
    regular = by_customer.filter(pl.col("share") >= REGULAR_GAPS)
    if n_judged < FEWEST_CUSTOMERS or regular.height < REGULAR_CUSTOMERS * n_judged:
        return []
    middle = float(np.median(regular["median"].to_numpy()))
    return [
        f"{regular.height:,} of {n_judged:,} customers with {GAPS_OF_ONE} gaps or more buy at regular gaps, the middle "
        f"one of {middle:g} days, as subscribers do: the models assume customers who may buy at "
        "any time and leave without saying so; "
        f"leave the lines of subscriptions out with {setting('where')}; "
        "the command subscriptions measures contracts"
    ]
