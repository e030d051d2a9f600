"""How customer lifetime value is spread: its distribution, and the tiers that it is cut into."""

from functools import partial
from typing import Any

from whalecurve.engine.reporting import (
    Block,
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Section,
    Table,
    count,
    listed,
    money,
    percent,
    short_money,
)
from whalecurve.engine.reporting.charts import Divider, Series, column_chart
from whalecurve.engine.reporting.sections.groups import groups_figure, name_of, title_of

Bin = dict[str, Any]


def clv_section(facts: Facts) -> Section | None:
    """The distribution with the tiers' cut-offs, and the tiers; None where nobody has a CLV."""
    if not facts.clv_bins.height:
        return None
    tiers = [row for row in facts.of_scheme("clv_tier") if row["segment"] is not None or row["customers"]]
    words = _said(facts, tiers)
    blocks: list[Block] = [words, _distribution(facts)]
    if tiers:
        title = title_of("CLV tiers", tiers)
        blocks += [_falling(facts)] if facts.manifest["customers"].get("spend_falling") else []
        blocks.append(groups_figure(facts, tiers, name="clv-tiers", title=title, says=words, of="tier"))
    return Section(name="clv", title="Customer lifetime value", blocks=blocks)


def _said(facts: Facts, tiers: list[dict[str, Any]]) -> str:
    n = int(facts.clv_bins["customers"].sum())
    words = (
        f"{count(n, 'customer')} {'has' if n == 1 else 'have'} a CLV, {money(facts.manifest['customers']['clv'])} in "
        f"total and {money(facts.manifest['customers']['clv'] / n)} on average"
    )
    shares = [
        f"the {name_of(row)} tier ({percent(row['customer_share'])} of customers) has {percent(row['clv_share'])}"
        for row in tiers
        if row["clv_share"] is not None
    ]
    return words + (f"; {listed(shares)} of it." if shares else ".")


def _falling(facts: Facts) -> str:
    falling = facts.manifest["customers"]["spend_falling"]
    parts = [f"{count(n)} in the {tier} tier" for tier, n in falling.items()]
    return f"Signs of falling spend are seen with {listed(parts)}." if parts else ""


def _named(interval: Bin) -> str:
    """The amounts of a bin in words."""
    if interval["low"] is None:
        return f"below {short_money(interval['high'])}"
    return (
        f"{short_money(interval['low'])} and more"
        if interval["high"] is None
        else (f"{short_money(interval['low'])} to {short_money(interval['high'])}")
    )


def _distribution(facts: Facts) -> Figure:
    bins = facts.clv_bins.to_dicts()
    title = "Customers by CLV"
    fullest = max(bins, key=lambda interval: interval["customers"])
    says = f"Most customers, {count(fullest['customers'])}, have a CLV of {_named(fullest)}."
    table = Table(
        caption=title,
        columns=(
            Column(title="CLV", values=[_named(interval) for interval in bins]),
            Column(title="from", kind="money", values=[interval["low"] for interval in bins]),
            Column(title="below", kind="money", values=[interval["high"] for interval in bins]),
            Column(title="customers", kind="count", values=[interval["customers"] for interval in bins]),
        ),
    )
    cuts = facts.model["thresholds"].get("clv_tier") or {}
    note = "The bins grow with the amounts, three of them for each power of ten."
    drawn = partial(_drawn, bins, cuts, title, says)
    return Figure(chart=Chart(name="clv", title=title, says=says, draw=drawn), table=table, note=note)


def _drawn(bins: list[Bin], cuts: dict[str, float | None], title: str, says: str, width: int) -> Markup:
    series = Series(
        name="customers",
        values=[interval["customers"] for interval in bins],
        tips=[f"{_named(interval)}: {count(interval['customers'], 'customer')}" for interval in bins],
    )
    dividers = [
        Divider(position=_position(bins, cut), words=f"{tier} tier: from {short_money(cut)}")
        for tier, cut in cuts.items()
        if cut is not None
    ]
    labels = [
        f"<{short_money(interval['high'])}" if interval["low"] is None else short_money(interval["low"])
        for interval in bins
    ]
    return column_chart(labels, [series], width, title=title, says=says, x_title="CLV, from", dividers=dividers)


def _position(bins: list[Bin], amount: float) -> float:
    """Where an amount lies among the bins, in proportion within its own."""
    for i, interval in enumerate(bins):
        low, high = interval["low"], interval["high"]
        if high is None or amount < high:
            return i + (0.0 if low is None or high is None or amount < low else (amount - low) / (high - low))
    return float(len(bins))
