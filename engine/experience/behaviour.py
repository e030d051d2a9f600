"""What customers are worth, and what they bought later, by the class of their answer.

That detractors buy less afterwards, or more, goes along with their answer and need not come from it: who is about to
leave answers otherwise, and who buys much is asked more often.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.customer_shares import Share
from whalecurve.engine.experience.questions import CLASSES_OF_NPS, HIGH, LOW, MIDDLE, NPS
from whalecurve.engine.experience.surveys import KEYS, latest
from whalecurve.engine.money import UNITS
from whalecurve.engine.orders import Orders, day_number, failures_named, observed_lines
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.statistics import difference_interval, wilson_interval
from whalecurve.engine.store import customer_days

SILENT, EVERYBODY = "no answer", "all customers"
CLASSES = (HIGH, MIDDLE, LOW, SILENT, EVERYBODY)
MONEY = ("value", "clv", "value_at_stake")
TOTALS = ("customers", *MONEY, "n_clv", "n_value_at_stake", "silence", "n_silence")
"""Sums of a class, or of all customers."""


def money_columns() -> list[pl.Expr]:
    """Value, CLV and value at stake of customers as fixed-point units, so that sums are exact."""
    return [(pl.col(name) * UNITS).round().cast(pl.Int64).alias(name) for name in MONEY]


def class_sums(answers: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Sums over customers by the class of their latest answer: KEYS, class, and the columns of `_totals`.

    Those who were asked and did not answer are a class, too; questions without classes have none.
    """
    own = latest(answers).select(CUSTOMER, *KEYS, "told")
    asked = answers.select(CUSTOMER, *KEYS).unique()
    silent = asked.join(own, on=[CUSTOMER, *KEYS], how="anti", nulls_equal=True).with_columns(told=pl.lit(SILENT))
    classed = pl.concat([own, silent]).filter(pl.col("told").is_not_null())
    return classed.join(customers, on=CUSTOMER, how="left").group_by(*KEYS, "told").agg(_totals())


def everybody(customers: pl.DataFrame) -> pl.DataFrame:
    """The same sums of all customers with a purchase, in one row."""
    return customers.filter(pl.col("days_since_last").is_not_null()).select(_totals())


def _totals() -> list[pl.Expr]:
    silence = pl.col("days_since_last")
    return [
        pl.len().cast(pl.Int64).alias("customers"),
        *(pl.col(name).cast(pl.Int128).sum().alias(name) for name in MONEY),
        *(pl.col(name).count().cast(pl.Int64).alias(f"n_{name}") for name in ("clv", "value_at_stake")),
        silence.cast(pl.Int64).sum().alias("silence"),
        silence.count().cast(pl.Int64).alias("n_silence"),
    ]


def watched(answers: pl.DataFrame, window: ObservedWindow, days: int) -> pl.DataFrame:
    """The last answer of each customer after which so many days were observed: customer_id, KEYS, told, answer_day."""
    early = answers.filter(pl.col("day") + days <= day_number(window.as_of))
    return latest(early).filter(pl.col("told").is_not_null()).select(CUSTOMER, *KEYS, "told", answer_day="day")


def bought_later(
    answered: pl.DataFrame, orders: Orders, window: ObservedWindow, share: Share, days: int
) -> pl.DataFrame:
    """How many of the watched customers of a share bought within so many days after: KEYS, told, observed, bought."""
    with failures_named(orders):
        lines = observed_lines(orders, window, share).join(
            answered.lazy().select(CUSTOMER).unique(), on=CUSTOMER, how="semi"
        )
        bought = customer_days(lines, orders).filter(pl.col("purchase_day").is_not_null())
        since = pl.col("purchase_day") - pl.col("answer_day")
        soon = (
            bought.select(CUSTOMER, "purchase_day")
            .join(answered.lazy(), on=CUSTOMER, how="inner")
            .filter((since > 0) & (since <= days))
            .select(CUSTOMER, *KEYS, has_bought=pl.lit(value=True))
            .unique()
            .collect(engine="streaming")
        )
    joined = answered.join(soon, on=[CUSTOMER, *KEYS], how="left", nulls_equal=True)
    return joined.group_by(*KEYS, "told").agg(
        observed=pl.len().cast(pl.Int64), bought=pl.col("has_bought").sum().cast(pl.Int64)
    )


def class_rows(
    sums: pl.DataFrame, of_all: pl.DataFrame, later: pl.DataFrame | None, least: int, level: float
) -> list[dict[str, Any]]:
    """Rows of `CLASSES_SCHEMA`: the classes of each question, those who did not answer, and all customers.

    A question is left out where one of its classes has customers, but fewer than `least`.
    """
    rows: list[dict[str, Any]] = []
    total = of_all.row(0, named=True)
    for key in sums.select(*KEYS).unique().sort(*KEYS, nulls_last=True).iter_rows(named=True):
        mine = {row["told"]: row for row in _of(sums, key)}
        if any(row["customers"] < least for row in mine.values()):
            continue
        bought = {} if later is None else {row["told"]: row for row in _of(later, key)}
        n_answered = sum(row["customers"] for name, row in mine.items() if name != SILENT)
        for name in (name for name in CLASSES if name in mine or name == EVERYBODY):
            own = total if name == EVERYBODY else mine[name]
            is_answer = name not in (SILENT, EVERYBODY)
            called = CLASSES_OF_NPS.get(name, name) if key["question"] == NPS else name
            rows.append(
                {
                    **key,
                    "class": called,
                    "share": own["customers"] / n_answered if is_answer and n_answered else None,
                    **_worth(own, total),
                    **_association(name, bought, least, level),
                }
            )
    return rows


def _of(table: pl.DataFrame, key: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.lit(value)) for name, value in key.items())
    return table.filter(same).iter_rows(named=True)


def _worth(own: Mapping[str, Any], total: Mapping[str, Any]) -> dict[str, Any]:
    n = own["customers"]
    return {
        "customers": n,
        "mean_value": own["value"] / n / UNITS if n else None,
        "mean_days_since_last": own["silence"] / own["n_silence"] if own["n_silence"] else None,
        "clv": own["clv"] / UNITS if own["n_clv"] else None,
        "clv_share": own["clv"] / total["clv"] if own["n_clv"] and total["clv"] > 0 else None,
        "value_at_stake": own["value_at_stake"] / UNITS if own["n_value_at_stake"] else None,
    }


def _association(name: str, bought: Mapping[str, Mapping[str, int]], least: int, level: float) -> dict[str, Any]:
    """Share who bought later, and how far it is from that of the others who answered."""
    names = ("bought_share", "bought_share_low", "bought_share_high", "difference", "difference_low", "difference_high")
    found: dict[str, Any] = {"observed": None, **dict.fromkeys(names)}
    if name not in bought or any(row["observed"] < least for row in bought.values()):
        return found
    n, k = bought[name]["observed"], bought[name]["bought"]
    m, j = (sum(row[what] for other, row in bought.items() if other != name) for what in ("observed", "bought"))
    k1, n1, k2, n2 = (np.array([count], dtype=np.float64) for count in (k, n, j, m))
    low, high = wilson_interval(k1, n1, level)
    found |= {
        "observed": n,
        "bought_share": k / n,
        "bought_share_low": float(low[0]),
        "bought_share_high": float(high[0]),
    }
    if m:
        low, high = difference_interval(k1, n1, k2, n2, level)
        found |= {"difference": k / n - j / m, "difference_low": float(low[0]), "difference_high": float(high[0])}
    return found
