"""Which customers are the ideal ones: a segment, a cell of the matrix, a CLV tier, or the best segment there is."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.profiling.due import TOLD
from whalecurve.engine.publication import Result
from whalecurve.engine.segments import LABELS, named

TIERS = {"high": 0.8, "middle": 0.5, "low": 0.0}
"""Share of the customers, by mid-rank of CLV, from which a tier begins: the best 20 %, the next 30 %, the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A group of customers.

    scheme : rfm, matrix, or clv_tier
    name : of the segment, cell or tier
    why : what it was found by, in words; None where it was asked for
    """

    scheme: str
    name: str
    why: str | None = None

    @property
    def is_default(self) -> bool:
        """Whether it was found and not asked for."""
        return self.why is not None


def chosen(result: Result, *, segment: str | None, matrix: str | None, tier: str | None, min_customers: int) -> Choice:
    """The group that is asked for; if none is, the RFM segment that is worth most.

    That is the one with the highest mean value at stake (of CLV in results without it, of value where no CLV could be
    told) among the segments with at least `min_customers` customers whose mean churn risk is below the threshold of
    the result, or among all where there is none: past value, and what is at stake of customers who have left already,
    would have it that the best customers are those who can no longer be lost. Of equal ones, the first of the scheme.

    Raises
    ------
    InputError
        Several groups, one that there is not, or no segment that is large enough.
    """
    asked = {"segment": segment, "matrix": matrix, "tier": tier}
    given = [setting_of for setting_of, name in asked.items() if name is not None]
    if len(given) > 1:
        raise InputError(
            f"{' and '.join(map(setting, given))} are given; they name different groups, so give one of them"
        )
    if tier is not None:
        return Choice(scheme="clv_tier", name=named(tier, list(TIERS), setting("tier"), "tier"))
    if segment is not None or matrix is not None:
        scheme, name, noun = ("rfm", segment, "segment") if segment is not None else ("matrix", matrix, "cell")
        names = result.segments.drop_nulls("segment").filter(scheme=scheme)["segment"].to_list()
        return Choice(scheme=scheme, name=named(str(name), names, setting(given[0]), noun))
    return _best(result, min_customers)


def _best(result: Result, min_customers: int) -> Choice:
    table = result.segments.drop_nulls("segment").filter(
        (pl.col("scheme") == "rfm") & (pl.col("customers") >= min_customers)
    )
    if table.is_empty():
        raise InputError(
            f"{result.path}: no segment has {min_customers} customers; name one with {setting('segment')}, or lower "
            f"{setting('min_customers')}"
        )
    worths = {"value_at_stake": "value at stake", "clv": "CLV", "value": str(result.definitions["value"])}
    worth = next(name for name in worths if name in table.columns and table[name].count())
    threshold, risk = result.definitions.get("risk_threshold", 0.5), "mean_churn_risk"
    is_low = (pl.col(risk) < threshold).fill_null(value=False) if risk in table.columns else pl.lit(value=False)
    by = [is_low, pl.col(worth) / pl.col("customers")]
    best = table.sort(by, descending=True, nulls_last=True, maintain_order=True).head(1).with_columns(is_low=is_low)
    low = " at low risk" if best["is_low"].item() else ""
    return Choice(
        scheme="rfm", name=best["segment"].item(), why=f"the segment{low} with the highest mean {worths[worth]}"
    )


def members(result: Result, choice: Choice) -> pl.DataFrame:
    """The base: all customers with a purchase day.

    Returns
    -------
    DataFrame
        customer_id, in_segment, last_purchase, r_score, value, clv, clv_total; the last two null where no CLV could be
        told; and `TOLD`, of results that tell them

    Raises
    ------
    InputError
        Nobody is in the group.
    """
    column = LABELS.get(choice.scheme, choice.scheme)
    is_known = column in result.columns  # results without tiers have what they follow from
    group = pl.col(column) if is_known or choice.scheme != "clv_tier" else _tier()
    names = ["customer_id", "last_purchase", "r_score", "value", "clv", "clv_total"]
    names += [name for name in TOLD if name in result.columns]
    columns = dict.fromkeys([*names, "n_purchase_days", *group.meta.root_names()])
    base = result.take(*columns).filter(pl.col("n_purchase_days") > 0).collect(engine="streaming")
    everyone = base.select(*names, in_segment=(group == choice.name).fill_null(value=False))
    if not everyone["in_segment"].any():
        raise InputError(f'{result.path}: no customer with a purchase is in "{choice.name}"; choose another group')
    return everyone


def is_by_recency(everyone: pl.DataFrame, choice: Choice) -> bool:
    """Whether the group is defined by how lately its customers bought, so that when they bought says so again.

    So is every cell of the matrix and every CLV tier, through the models; and a segment that does not have all the
    recency scores there are.
    """
    own = everyone.filter("in_segment")["r_score"].n_unique()
    return choice.scheme != "rfm" or own < everyone["r_score"].n_unique()


def _tier() -> pl.Expr:
    """The tier by mid-rank of CLV among those who have one; equal customers are never divided."""
    place = (pl.col("clv").rank("average") - 0.5) / pl.col("clv").count()
    tier = pl.when(place >= TIERS["high"]).then(pl.lit("high")).when(place >= TIERS["middle"]).then(pl.lit("middle"))
    return tier.when(place.is_not_null()).then(pl.lit("low"))
