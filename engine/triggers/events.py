"""What happened to each customer since the last list: silences that became long, labels that changed, anniversaries.

A silence is told once: until the customer buys again, the state remembers that it was. That holds however the points
of their rhythm move from night to night, and when a night is left out. Without a state, an event is told if its day is
the very day that is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from whalecurve.engine.segments import OVERDUE_BEYOND, Rhythm, is_past

SILENCES = {"second_purchase": 1, "overdue": 2, "win_back": 4}
"""Triggers that are told once a silence, and the bit of `told` that says so."""

COLUMNS = (
    *("customer_id", "first_purchase", "last_purchase", "n_purchase_days", "days_since_last", "value", "clv"),
    *("rfm_segment", "loyalty_tier", "spend_falling"),
)
"""What is needed of a customer."""

SNAPSHOT = ("customer_id", "last_purchase", "told", "rfm_segment", "loyalty_tier", "spend_falling")
"""What is remembered of a customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When something has happened.

    on, since : the day, and the day of the last list; None where there was none
    rhythm : how long customers are silent between purchases
    second_days : silence after a first purchase in which half of those who come back have
    gone_beyond : share of a customer's gaps beyond which they count as lost
    tiers : loyalty tiers, best first
    watch : segments whose entering and leaving are told
    """

    on: date
    since: date | None
    rhythm: Rhythm
    second_days: int
    gone_beyond: float
    tiers: tuple[str, ...]
    watch: tuple[str, ...]

    def silence(self) -> pl.Expr:
        """Days without a purchase until the day that is asked for."""
        return (pl.lit(self.on) - pl.col("last_purchase")).dt.total_days().cast(pl.Int64)


def with_past(customers: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Add `past`: the bits of the silences that are long enough, and `past_before`: those that were a day earlier."""
    silences = {"past": rules.silence(), "past_before": rules.silence() - 1}
    return customers.with_columns(
        _past(customers.with_columns(days_since_last=days), rules).alias(name) for name, days in silences.items()
    )


def _past(customers: pl.DataFrame, rules: Rules) -> pl.Series:
    is_new = pl.col("n_purchase_days") == 1
    is_gone = is_past(rules.gone_beyond)
    long = {
        "second_purchase": is_new & (pl.col("days_since_last") >= rules.second_days),
        "overdue": ~is_new & is_past(OVERDUE_BEYOND),
        "win_back": is_gone,
    }
    bits = [
        pl.when(long[name].fill_null(value=False)).then(pl.lit(bit, pl.UInt8)).otherwise(pl.lit(0, pl.UInt8))
        for name, bit in SILENCES.items()
    ]
    silent = customers.with_columns(rules.rhythm.not_back())
    return silent.select(bits[0] | bits[1] | bits[2]).to_series()


def events(customers: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """What happened to customers of `with_past`, beside what is remembered of them (`before_...`; null: nothing is).

    Returns
    -------
    DataFrame
        customer_id, trigger, detail (what happened, in words), rfm_segment, value, clv
    """
    told = told_before()
    is_first = rules.since is None
    happened: Mapping[str, tuple[pl.Expr, pl.Expr]] = {
        **{name: _silent(name, bit, told, is_first=is_first) for name, bit in SILENCES.items()},
        "spend_falling": (
            pl.col("spend_falling") & ~pl.col("before_spend_falling").fill_null(value=False) & _is_remembered(),
            pl.lit("buys less than their own rhythm has it"),
        ),
        "entered_segment": (_changed() & pl.col("rfm_segment").is_in(rules.watch), _move()),
        "left_segment": (_changed() & pl.col("before_rfm_segment").is_in(rules.watch), _move()),
        "loyalty_tier": (
            (_rank("loyalty_tier", rules) < _rank("before_loyalty_tier", rules)) & _has_bought(),
            pl.concat_str(_named("before_loyalty_tier"), pl.lit(" → "), _named("loyalty_tier")),
        ),
        "anniversary": _anniversary(rules),
    }
    found = [
        customers.filter(is_due).select(
            "customer_id",
            trigger=pl.lit(name),
            detail=detail,
            rfm_segment="rfm_segment",
            value="value",
            clv="clv",
        )
        for name, (is_due, detail) in happened.items()
    ]
    return pl.concat(found)


def told_before() -> pl.Expr:
    """The bits of the silences that were told since the customer's last purchase, as the last list remembers it."""
    is_same = pl.col("before_last_purchase") == pl.col("last_purchase")
    return pl.when(is_same).then("before_told").otherwise(0).fill_null(0).cast(pl.UInt8)


def _silent(name: str, bit: int, told: pl.Expr, *, is_first: bool) -> tuple[pl.Expr, pl.Expr]:
    now, before = (pl.col(column) & bit != 0 for column in ("past", "past_before"))
    is_told = before if is_first else (told & bit) != 0
    words = {
        "second_purchase": pl.format("one purchase, {} days ago", pl.col("silence")),
        "overdue": pl.format("silent for {} days, longer than nine in ten of their gaps", pl.col("silence")),
        "win_back": pl.format("silent for {} days: counts as lost", pl.col("silence")),
    }
    return now & ~is_told, words[name]


def _is_remembered() -> pl.Expr:
    """Whether the last list knew the customer: what changed since can be told of no other."""
    return pl.col("before_last_purchase").is_not_null()


def _has_bought() -> pl.Expr:
    """Whether the customer has bought since the last list: one may rise by what others do, too."""
    return (pl.col("last_purchase") > pl.col("before_last_purchase")).fill_null(value=False)


def _changed() -> pl.Expr:
    return _is_remembered() & pl.col("rfm_segment").ne_missing(pl.col("before_rfm_segment"))


def _move() -> pl.Expr:
    return pl.concat_str(_named("before_rfm_segment"), pl.lit(" → "), _named("rfm_segment"))


def _named(column: str) -> pl.Expr:
    return pl.col(column).fill_null("no label")


def _rank(column: str, rules: Rules) -> pl.Expr:
    """The place of a tier, 0 for the best; after the last where there is none."""
    places = {tier: place for place, tier in enumerate(rules.tiers)}
    return pl.col(column).replace_strict(places, default=len(places), return_dtype=pl.Int64)


def _anniversary(rules: Rules) -> tuple[pl.Expr, pl.Expr]:
    """Of customers who do not count as lost, the day of the first purchase in a later year; 29 February on the 28th."""
    years = pl.lit(rules.on.year) - pl.col("first_purchase").dt.year()
    after = rules.since
    is_due, n_years = pl.lit(value=False), pl.lit(None, pl.Int32)
    for back in (0, 1):  # the days since the last list may have begun in the year before
        n = years - back
        at = pl.col("first_purchase").dt.offset_by(pl.format("{}y", n))
        is_within = (at <= rules.on) & (at > after if after is not None else at == rules.on) & (n >= 1)
        n_years = pl.when(is_within).then(n).otherwise(n_years)
        is_due = is_due | is_within
    is_lost = pl.col("past") & SILENCES["win_back"] != 0
    words = pl.format(
        "first purchase {} year{} ago", n_years, pl.when(n_years == 1).then(pl.lit("")).otherwise(pl.lit("s"))
    )
    return is_due.fill_null(value=False) & ~is_lost, words
