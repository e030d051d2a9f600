"""Stage: scores -> RFM segment, cell of the risk x value matrix, and the table of all segments."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.money import UNITS
from whalecurve.engine.schemes import Scheme
from whalecurve.kernels.rfm import pivots, reaching

AMOUNTS = ("revenue", "margin", "value", "clv")
TABLE_COLUMNS = (
    *("scheme", "segment", "customers", "customer_share", "orders", "revenue", "margin"),
    *("value", "value_share", "clv", "clv_share", "mean_churn_risk", "action"),
)
RISK_STEPS = 2**53
"""1 - p for a float p in [0, 1] is a whole number of these steps, so that sums of risks are exact."""


def with_rfm_segment(customers: pl.LazyFrame, scheme: Scheme) -> pl.LazyFrame:
    """Add rfm_segment, the scheme's name for the cell (r_score, f_score, m_score); null where there are no scores."""
    names = [segment.name for cell in scheme.cells if (segment := scheme.segment_of(cell)) is not None]
    r, f, m = (pl.col(name).cast(pl.Int16) - 1 for name in ("r_score", "f_score", "m_score"))
    return customers.with_columns(rfm_segment=_one_of(names, (r * scheme.bins + f) * scheme.bins + m))


def _one_of(words: Sequence[str], position: pl.Expr) -> pl.Expr:
    """Pick the word at each position; null where the position is.

    Not `replace_strict`: its plan held all rows in memory where this one streams.
    """
    return pl.lit(pl.Series(words, dtype=pl.String)).gather(position)


def value_cutoff(customers: pl.DataFrame, quantile: float = 0.8) -> float | None:
    """Least `clv_total` that counts as high value.

    It is the smallest clv_total whose mid-rank share, (less + equal / 2) / n, is at least
    `quantile` (read as the decimal it prints as): the rule of the RFM scores, so that with
    0.8 high value means what score 5 of 5 means. Equal customers are never divided; a tied
    group at the cutoff is high as soon as half of it lies in the best fifth. Where not even
    the best group gets there (one customer in a handful, or a large tie), the best group it
    is. Customers without a clv_total do not count; None where there is no other.
    """
    if not 0.0 < quantile < 1.0:
        raise InputError(f"--value-quantile {quantile} is out of range; choose a number between 0 and 1")
    totals = customers["clv_total"].drop_nulls().to_numpy()
    if totals.size == 0:
        return None
    required = np.array([math.ceil(2 * totals.size * Fraction(str(quantile)))])
    partitioned = np.partition(totals, pivots(totals.size, required))
    cutoff = float(reaching(partitioned, required)[0])
    return cutoff if cutoff < math.inf else float(totals.max())


def with_matrix(
    customers: pl.LazyFrame, scheme: Scheme, *, cutoff: float | None, risk_threshold: float = 0.5
) -> pl.LazyFrame:
    """Add churn_risk, risk, value_class, matrix_segment and action.

    churn_risk = 1 - p_purchase; risk is "high" from the threshold on; value_class is "high"
    at or above the cutoff. All five are null where p_purchase or clv_total is null, and
    everywhere when the cutoff is None.
    """
    known = pl.col("p_purchase").is_not_null() & pl.col("clv_total").is_not_null() & pl.lit(cutoff is not None)
    churn_risk = 1.0 - pl.col("p_purchase")
    is_safe = (churn_risk < risk_threshold).cast(pl.Int16)
    is_cheap = (pl.col("clv_total") < (0.0 if cutoff is None else cutoff)).cast(pl.Int16)
    cell = pl.when(known).then(2 * is_safe + is_cheap)  # the order of scheme.matrix
    return customers.with_columns(
        churn_risk=pl.when(known).then(churn_risk),
        risk=_one_of(("high", "high", "low", "low"), cell),
        value_class=_one_of(("high", "low", "high", "low"), cell),
        matrix_segment=_one_of([part.name for part in scheme.matrix], cell),
        action=_one_of([part.action for part in scheme.matrix], cell),
    )


def segment_table(customers: pl.LazyFrame | pl.DataFrame, scheme: Scheme) -> pl.DataFrame:
    """One row per RFM segment ("rfm") and per matrix cell ("matrix"), in the scheme's order.

    Segments without customers are there too. Customers outside every segment follow in one
    row whose segment is null, so that each scheme adds up to all customers. Amounts are
    summed in millionths of the currency unit, as whole numbers, so the order of rows does
    not matter. Shares are of all customers, and null where their total is not positive. The
    frame needs rfm_segment, n_orders, revenue and value; without matrix_segment there is no
    "matrix", and what margin, clv and churn_risk would give is null without them.

    Returns
    -------
    DataFrame
        scheme, segment, customers, customer_share, orders, revenue, margin, value,
        value_share, clv, clv_share, mean_churn_risk, action
    """
    customers = customers.lazy()
    columns = customers.collect_schema().names()
    named = {"rfm": scheme.segments} | ({"matrix": scheme.matrix} if "matrix_segment" in columns else {})
    sums = pl.collect_all([_sums(customers, f"{name}_segment", columns) for name in named], engine="streaming")
    tables = [
        _table(grouped, name, [(part.name, part.action) for part in parts], source=scheme.source)
        for grouped, (name, parts) in zip(sums, named.items(), strict=True)
    ]
    return pl.concat(tables)


def _sums(customers: pl.LazyFrame, by: str, columns: Sequence[str]) -> pl.LazyFrame:
    """Whole-number sums by segment; null where no customer of the segment has the number."""
    amounts = {
        name: (pl.col(name) * UNITS).round().cast(pl.Int128) if name in columns else pl.lit(None, pl.Int128)
        for name in AMOUNTS
    }
    risk = pl.col("churn_risk") if "churn_risk" in columns else pl.lit(None, pl.Float64)
    whole = customers.select(
        segment=by, orders=pl.col("n_orders").cast(pl.Int64), risk=(risk * RISK_STEPS).cast(pl.Int128), **amounts
    )
    n_at_risk = pl.col("risk").count()
    return whole.group_by("segment").agg(
        pl.len().cast(pl.Int64).alias("customers"),
        pl.col("orders").sum(),
        *(pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in AMOUNTS),
        mean_churn_risk=pl.when(n_at_risk > 0).then(pl.col("risk").sum().cast(pl.Float64) / RISK_STEPS / n_at_risk),
    )


def _table(sums: pl.DataFrame, name: str, segments: Sequence[tuple[str, str]], *, source: str) -> pl.DataFrame:
    order = pl.DataFrame(segments, schema={"segment": pl.String, "action": pl.String}, orient="row")
    unknown = sums.join(order, on="segment", how="anti", nulls_equal=True).drop_nulls("segment")
    if not unknown.is_empty():
        raise InputError(
            f'{source}: customers carry the {name} segment "{unknown["segment"].sort()[0]}", which the scheme does not '
            "have; make the table with the scheme that named them"
        )
    outside = sums.filter(pl.col("segment").is_null()).select("segment", action=pl.lit(None, pl.String))
    rows = pl.concat([order, outside]).join(sums, on="segment", how="left", nulls_equal=True, maintain_order="left")
    whole = rows.with_columns(pl.col("customers", "orders").fill_null(0)).with_columns(
        _zero_if_empty(name) for name in AMOUNTS
    )
    return whole.select(
        "segment",
        "customers",
        "orders",
        "mean_churn_risk",
        "action",
        *(pl.col(name).cast(pl.Float64) / UNITS for name in AMOUNTS),
        scheme=pl.lit(name),
        customer_share=_share("customers"),
        value_share=_share("value"),
        clv_share=_share("clv"),
    ).select(TABLE_COLUMNS)


def _zero_if_empty(amount: str) -> pl.Expr:
    """0 for a segment without customers, unless nobody has the amount at all."""
    is_empty = (pl.col("customers") == 0) & (pl.col(amount).count() > 0)
    return pl.when(is_empty).then(pl.lit(0, pl.Int128)).otherwise(pl.col(amount)).alias(amount)


def _share(column: str) -> pl.Expr:
    total = pl.col(column).sum().cast(pl.Float64)
    return pl.when(total > 0.0).then(pl.col(column).cast(pl.Float64) / total)
