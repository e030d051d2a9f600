"""Measures over time as text."""

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from whalecurve.cli.reports import titles
from whalecurve.cli.reports.phrases import json_text, lines_read, notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, interval, money, named, number, percent, table
from whalecurve.engine.paths import unfolded

if TYPE_CHECKING:
    from whalecurve.engine import Measured

BY_DEFINITION = (
    "* by the group that customers are in today, which is defined by how lately and how often they have bought: it "
    "says who is in it, not what will become of it; `compare` says who of an earlier result's groups has bought since"
)
LENGTHS = ("month", "quarter", "year")
MANY = 1.05
"""Values a first order, on average, from which it is said how many: less is 1.0 in print."""


def measured_text(measured: "Measured", top: int) -> str:
    """A whole report: measures, then the most frequent values of each dimension of the first order."""
    by = [] if measured.by is None else measured.by.to_dicts()
    blocks = [
        lines_read(measured.manifest["rows"]),
        measures_text(measured.headline, measured.model["definitions"]["horizon_days"]),
        *(
            _by(list(values), measured.values_per_first_order[dimension], top)
            for dimension, values in groupby(by, itemgetter("by"))
        ),
        notes(measured.manifest["warnings"]),
        written_to(measured.out),
    ]
    return paragraphs(blocks)


def measured_json(measured: "Measured") -> str:
    """The whole record as one JSON object."""
    record = {
        "out": unfolded(measured.out),
        "manifest": measured.manifest,
        "model": measured.model,
        "measures": measured.headline,
        "by": None if measured.by is None else measured.by.to_dicts(),
        "values_per_first_order": measured.values_per_first_order,
    }
    return json_text(record)


def in_short(headline: dict[str, Any]) -> str:
    """The measures of all customers in a few lines; what is not known is left out."""
    if not headline["groups"]:
        return ""
    row = headline["groups"][0]
    lines = [
        (row["repeat_rate"], "of buyers bought again"),
        (
            row["one_and_done_rate"],
            f"of customers acquired {headline['aged_days']}+ days ago bought only once",
        ),
        (row["stickiness"], f"of new customers came back within {headline['soon_days']} days"),
        (row["return_rate"], "of sales were returned"),
    ]
    said = [f"{percent(share)} {words}" for share, words in lines if share is not None]
    if row["gap_p50"] is not None:
        said.insert(-1, f"median time between purchases {_days(row['gap_p50'])}")
    return "\n".join("; ".join(said[i : i + 2]) for i in range(0, len(said), 2))


def measures_text(headline: dict[str, Any], horizon_days: int | None = None) -> str:
    """What `Measures.headline` says, for a terminal: all customers, the last full periods, every segment.

    horizon_days : how far the models' CLV looks ahead, to be said with it
    """
    groups = headline["groups"]
    if not groups:
        return "no customers: nothing to measure"
    parts = [_all_customers(groups[0], headline, horizon_days), _periods(headline)]
    schemes = dict.fromkeys(row["scheme"] for row in groups[1:])
    for scheme in schemes:
        parts.append(_segments(scheme, [row for row in groups if row["scheme"] == scheme]))
    return paragraphs([*parts[:3], BY_DEFINITION if schemes else "", *parts[3:]])


def _all_customers(row: dict[str, Any], headline: dict[str, Any], horizon_days: int | None) -> str:
    soon, aged, level = headline["soon_days"], headline["aged_days"], headline["level"]
    lines = [
        f"{count(row['buyers'], 'customer')} with a purchase, {headline['observed_from']} to {headline['as_of']}",
        f"{percent(row['repeat_rate'])} bought again; in the last 365 days "
        f"{percent(row['year_repeat_rate'])} of {count(row['year_buyers'], 'buyer')}",
        f"{percent(row['one_and_done_rate'])} of customers acquired {aged}+ days ago bought only once",
        f"{percent(row['stickiness'])} of new customers came back within {soon} days "
        f"({level:.0%} interval {percent(row['stickiness_low'])} to {percent(row['stickiness_high'])})",
        f"time between purchases: median {_days(row['gap_p50'])}; half of all purchases are followed by another within "
        f"{_days(row['next_p50'])}, those still waiting included",
        f"returned: {percent(row['return_rate'])} of amounts, {percent(row['line_return_rate'])} of lines",
        f"simple customer lifetime value {money(row['simple_clv'])}: "
        f"{money(row['average_purchase_value'])} a purchase, "
        f"{number(row['purchases_a_year'], 1)} a year, {number(row['lifespan'], 1)} years; "
        f"by the models {money(row['model_clv'])}"
        + ("" if horizon_days is None else f" in the next {count(horizon_days, 'day')}"),
    ]
    return "\n".join(lines)


def _periods(headline: dict[str, Any]) -> str:
    """The last month, quarter and year that were observed in full."""
    periods = [(length, headline["last_complete"][length]) for length in LENGTHS]
    rows = [
        [
            length,
            row["start"],
            *(number(row[name]) for name in ("active", "new", "reactivated")),
            *(percent(row[name]) for name in ("retention", "churn", "lost_share")),
            number(row["purchase_frequency"], 1),
            money(row["average_purchase_value"]),
        ]
        for length, row in periods
        if row is not None
    ]
    header = ["last full", "from", "active", "new", "reactivated", "retention", "churn", "lost of those at start"]
    return table([*header, "purchases each", "value a purchase"], rows, right=range(2, 10)) if rows else ""


def _segments(scheme: str, groups: list[dict[str, Any]]) -> str:
    rows = [
        [
            row["group"] or titles.UNLABELLED[scheme],
            f"{row['customers']:,}",
            *(percent(row[name]) for name in ("repeat_rate", "one_and_done_rate", "stickiness")),
            *("-" if row[name] is None else f"{row[name]:,.10g}" for name in ("gap_p50", "next_p50")),
            *(percent(row[name]) for name in ("annual_churn", "return_rate")),
            money(row["simple_clv"]),
            money(row["model_clv"]),
        ]
        for row in groups
    ]
    header = [titles.SCHEMES[scheme], "customers", "repeat*", "one and done*", "sticky*", "median gap", "half back by*"]
    more = ["annual churn*", "returned", "simple CLV*", "model CLV"]
    return table([*header, *more], rows, right=range(1, 11))


def _by(values: list[dict[str, Any]], values_per_order: float | None, top: int) -> str:
    """Stickiness by a dimension of the first order: the values that most new customers came by."""
    best = sorted(values, key=lambda row: -row["new"])[:top]
    rows = [
        [
            named(row["value"]),
            *(f"{row[name]:,}" for name in ("new", "observed", "back")),
            percent(row["stickiness"]),
            interval(row["low"], row["high"], percent),
        ]
        for row in best
    ]
    dimension, n = values[0]["by"], len(values)
    title = f"came by {dimension}: {count(n, 'value')}" + (f", the {top:,} most frequent" if n > top else "")
    if values_per_order is not None and values_per_order >= MANY:
        title += f"; a first order has {values_per_order:.1f} of them, and its customer counts with each"
    header = [dimension, "new", "observed", "back", "sticky", "interval"]
    return f"{title}\n\n{table(header, rows, right=range(1, 6))}" if rows else title


def _days(days: float | None) -> str:
    return "no number of days" if days is None else f"{days:,.10g} days"
