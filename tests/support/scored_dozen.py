"""A dozen scored customers whose segments can be read off the schemes by hand."""

import numpy as np
import polars as pl

from whalecurve.engine.schemes.scheme import load_scheme
from whalecurve.engine.segments import with_rfm_segment
from whalecurve.engine.segments.best_shares import numbers_of
from whalecurve.engine.segments.matrix import value_cutoff, with_matrix

STANDARD, SOULMATES = load_scheme("standard"), load_scheme("soulmates")

SCHEMA = {
    "customer_id": pl.String,
    "r_score": pl.UInt8,
    "f_score": pl.UInt8,
    "m_score": pl.UInt8,
    "n_orders": pl.UInt32,
    "revenue": pl.Float64,
    "margin": pl.Float64,
    "value": pl.Float64,
    "p_purchase": pl.Float64,
    "clv": pl.Float64,
    "clv_total": pl.Float64,
    "value_at_stake": pl.Float64,
}
# Eleven customers and one with returns only. The two best of eleven are the best fifth.
DOZEN = pl.DataFrame(
    [
        ("a", 5, 5, 5, 9, 900.0, 90.0, 90.0, 0.90, 60.0, 150.0, 150.0),
        ("b", 5, 4, 5, 8, 800.0, 80.0, 80.0, 0.25, 20.0, 100.0, 100.0),
        ("c", 4, 5, 4, 8, 300.0, 30.0, 30.0, 0.75, 30.0, 60.0, 60.0),
        ("d", 5, 1, 2, 1, 40.5, 4.5, 4.5, 0.50, 5.5, 10.0, 10.0),
        ("e", 4, 1, 2, 1, 20.1, 2.1, 2.1, 0.40, 1.0, 3.1, 3.1),
        ("f", 4, 3, 3, 3, 30.2, 3.2, 3.2, 0.60, 2.0, 5.2, 5.2),
        ("g", 3, 3, 3, 3, 30.3, 3.3, 3.3, 0.55, 2.0, 5.3, 5.3),
        ("h", 2, 5, 4, 7, 70.0, 7.0, 7.0, 0.10, 1.0, 8.0, 8.0),
        ("i", 1, 4, 4, 4, 60.0, 6.0, 6.0, 0.05, 0.5, 6.5, 6.5),
        ("j", 1, 1, 1, 1, 10.0, 1.0, 1.0, 0.05, 0.1, 1.1, 1.1),
        ("k", 1, 1, 1, 1, 5.0, -0.5, -0.5, 0.05, -0.1, -0.6, -0.6),
        ("z", None, None, None, 0, -6.0, -0.6, -0.6, None, None, None, None),
    ],
    schema=SCHEMA,
    orient="row",
)


def cutoff_of(customers, *quantile):
    return value_cutoff(np.array(numbers_of(customers["value_at_stake"])), *quantile)


def decided(customers, scheme=STANDARD, **options):
    options = {"cutoff": cutoff_of(customers)} | options
    return with_matrix(with_rfm_segment(customers.lazy(), scheme), scheme, **options)


def by_segment(table, scheme):
    rows = table.filter(scheme=scheme).drop("scheme").rows(named=True)
    return {row.pop("segment"): row for row in rows}
