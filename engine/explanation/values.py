"""Stage: order lines -> one row per value of a dimension, with everything that is asked of it as exact sums."""

import math
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.orders import Money, Reading, as_text, failures_named

RATIOS = {
    "returns": ("returned_lines", "sold_lines"),
    "margin": ("margin_y", "margin_x"),
    "robust": ("robust_y", "robust_x"),
}
"""Numerator and denominator of what is measured on lines; robust: margin, a line's money counting up to a cap."""

IN_UNITS = (*RATIOS["margin"], *RATIOS["robust"])
WHOLE = pl.Int128
CAME = ("came", "observed", "second", "loss")


FINE, STEP = 10, 1.2
"""Customers who came by up to `FINE` values are told apart by their number, beyond it by steps of this ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """A dimension in sums, see `value_sums`.

    table : one row per value
    strata : one row per value and stratum: value, stratum, came, observed, second, loss
    totals : one row per stratum: stratum, came, observed, second, loss, of all customers of the base
    """

    table: pl.DataFrame
    strata: pl.DataFrame
    totals: pl.DataFrame


def value_sums(reading: Reading, customers: pl.DataFrame, dimension: str) -> Values:
    """Everything that is asked of the values of a dimension that the lines carry, sorted; null is a value, too.

    Customers have bought with a value if they have a sale line with it; they came by it if they have one on their first
    purchase day. They may have come by several: who buys more at once comes by more, and behaves differently, whatever
    the goods. So those who came are counted by strata, the number of values that a customer came by.

    The table has
        value : String, the value as text
        base, segment, came, observed, second, loss : customers in the base who have bought with it, those in the
            segment, those who came by it; of these those observed, with a second purchase, with a loss
        amount_sold, amount_returned, revenue, margin, value_base, value_segment : of its lines, fixed-point; value of
            all, and of customers in the segment
        n_customers : with a sale line
        <ratio>_y, <ratio>_x, ..._yy, ..._yx, ..._xx : sums over customers of numerator, denominator and their
            products, for each of `RATIOS`; ..._yY, ..._yX, ..._xY, ..._xX with the customer's sums over all their lines
        mix_y, mix_yy, mix_yx, segment_mix_... : the same for its sale lines among all sale lines of a customer of the
            base, and of the segment
    """
    parts, totals = [], []
    with failures_named(reading.orders):
        for share in reading.shares():
            mine = share.of(customers)
            pairs = _pairs(reading.lines(dimension, share), mine).collect(engine="streaming")
            placed = mine.join(_strata(pairs), on="customer_id", how="left").with_columns(
                pl.col("stratum").fill_null(0)
            )
            parts.append(_sums(pairs.lazy(), placed).collect(engine="streaming"))
            totals.append(_by_stratum(placed))
        money = _money(reading.lines(dimension), customers).collect(engine="streaming")
    sums = pl.concat(parts)
    table = sums.drop("stratum").group_by("value").agg(pl.exclude("value").sum())
    table = table.join(money, on="value", how="left", nulls_equal=True)
    text = as_text(sums.schema["value"])
    strata = (
        sums.select("value", "stratum", *CAME).group_by("value", "stratum").agg(pl.exclude("value", "stratum").sum())
    )
    return Values(
        table=table.with_columns(value=text).sort("value", nulls_last=True),
        strata=strata.filter(pl.col("came") > 0).with_columns(value=text).sort("value", "stratum", nulls_last=True),
        totals=pl.concat(totals).group_by("stratum").agg(pl.exclude("stratum").sum()).sort("stratum"),
    )


def _pairs(lines: pl.LazyFrame, customers: pl.DataFrame) -> pl.LazyFrame:
    """One row per customer and value."""
    is_return = pl.col("is_return")
    is_first = pl.col("day") == pl.col("first_day")
    measured = lines.join(customers.lazy().select("customer_id", "first_day"), on="customer_id", how="inner").select(
        "customer_id",
        "by",
        *IN_UNITS,
        sold_lines=(~is_return).cast(pl.Int64),
        returned_lines=is_return.cast(pl.Int64),
        came=(~is_return & is_first).fill_null(value=False),
    )
    sums = ("sold_lines", "returned_lines", *IN_UNITS)
    return measured.group_by("customer_id", "by").agg(
        *(pl.col(name).sum().name.prefix("own_") for name in sums), came=pl.col("came").any()
    )


def _strata(pairs: pl.DataFrame) -> pl.DataFrame:
    """The stratum of every customer who came by a value; a null is none."""
    came = pairs.filter(pl.col("came") & pl.col("by").is_not_null()).group_by("customer_id").agg(n=pl.len())
    beyond = ((pl.col("n") / FINE).log() / math.log(STEP)).ceil().cast(pl.Int64) + FINE
    stratum = pl.when(pl.col("n") <= FINE).then(pl.col("n").cast(pl.Int64)).otherwise(beyond)
    return came.select("customer_id", stratum=stratum)


def _by_stratum(customers: pl.DataFrame) -> pl.DataFrame:
    who = {"came": "in_base", "observed": "is_observed", "second": "has_second", "loss": "is_loss"}
    counts = {name: pl.col(column).sum().cast(pl.Int64) for name, column in who.items()}
    return customers.group_by("stratum").agg(**counts)


def _sums(pairs: pl.LazyFrame, customers: pl.DataFrame) -> pl.LazyFrame:
    bought, came = pl.col("own_sold_lines") > 0, pl.col("came")
    in_base, in_segment = pl.col("in_base"), pl.col("in_segment")
    counts = {
        "base": bought & in_base,
        "segment": bought & in_segment,
        "came": came & in_base,
        "observed": came & pl.col("is_observed"),
        "second": came & pl.col("has_second"),
        "loss": came & pl.col("is_loss"),
        "n_customers": bought,
    }
    products = _products() | _mix("mix", in_base) | _mix("segment_mix", in_segment)
    return (
        pairs.join(customers.lazy(), on="customer_id", how="inner")
        .group_by(pl.col("by").alias("value"), "stratum")
        .agg(
            **{name: condition.sum().cast(pl.Int64) for name, condition in counts.items()},
            **{name: product.sum() for name, product in products.items()},
        )
    )


def _money(lines: pl.LazyFrame, customers: pl.DataFrame) -> pl.LazyFrame:
    """Sums of money that need no customer apart."""
    is_return, amount, value = pl.col("is_return"), pl.col("amount"), pl.col("value")
    who = customers.lazy().select("customer_id", "in_base", "in_segment")
    money = {
        "amount_sold": pl.when(~is_return).then(amount),
        "amount_returned": pl.when(is_return).then(-amount),
        "revenue": amount,
        "margin": pl.col("margin"),
        "value_base": pl.when("in_base").then(value),
        "value_segment": pl.when("in_segment").then(value),
    }
    of_line = lines.join(who, on="customer_id", how="inner").select("by", **money)
    return of_line.group_by(pl.col("by").alias("value")).agg(pl.col(*money).cast(WHOLE).sum())


def _products() -> dict[str, pl.Expr]:
    products: dict[str, pl.Expr] = {}
    for ratio, (numerator, denominator) in RATIOS.items():
        terms = {"y": f"own_{numerator}", "x": f"own_{denominator}", "Y": numerator, "X": denominator}
        whole = {letter: pl.col(name).cast(WHOLE) for letter, name in terms.items()}
        products |= {f"{ratio}_{letter}": whole[letter] for letter in ("y", "x")}
        pairs = [("y", "y"), ("y", "x"), ("x", "x"), *((a, b) for a in "yx" for b in "YX")]
        products |= {f"{ratio}_{a}{b}": whole[a] * whole[b] for a, b in pairs}
    return products


def _mix(prefix: str, who: pl.Expr) -> dict[str, pl.Expr]:
    own, total = (pl.when(who).then(pl.col(name).cast(WHOLE)) for name in ("own_sold_lines", "sold_lines"))
    return {f"{prefix}_y": own, f"{prefix}_yy": own * own, f"{prefix}_yx": own * total}


def customer_totals(customers: pl.DataFrame, money: Money | None) -> dict[str, float]:
    """The sums of `value_sums` over all customers, whatever the value, for the complements.

    base, segment, observed, second, loss; for each of `RATIOS`: y, x, yy, yx, xx; for mix and segment_mix: x, xx;
    margin and revenue of all lines, fixed-point, where there is money.
    """
    counts = {"base": "in_base", "segment": "in_segment", "observed": "is_observed", "second": "has_second"}
    sums = {name: pl.col(column).sum() for name, column in (counts | {"loss": "is_loss"}).items()}
    for ratio, names in RATIOS.items():
        y, x = (pl.col(name).cast(WHOLE) for name in names)
        sums |= {f"{ratio}_{name}": term.sum() for name, term in {"y": y, "x": x}.items()}
        sums |= {f"{ratio}_{name}": term.sum() for name, term in {"yy": y * y, "yx": y * x, "xx": x * x}.items()}
    for prefix, who in (("mix", "in_base"), ("segment_mix", "in_segment")):
        lines = pl.when(pl.col(who)).then(pl.col("sold_lines").cast(WHOLE))
        sums |= {f"{prefix}_x": lines.sum(), f"{prefix}_xx": (lines * lines).sum()}
    totals = {name: float(total) for name, total in customers.select(**sums).row(0, named=True).items()}
    return totals if money is None else totals | {"margin": float(money.margin), "revenue": float(money.amount)}
