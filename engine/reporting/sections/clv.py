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
    customers,
    gettext,
    listed,
    money,
    ngettext,
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
        title = title_of(gettext("CLV tiers"), tiers)
        blocks += [_falling(facts)] if facts.manifest["customers"].get("spend_falling") else []
        blocks.append(groups_figure(facts, tiers, name="clv-tiers", title=title, says=words, of=gettext("tier")))
    return Section(name="clv", title=gettext("Customer lifetime value"), blocks=blocks)


def _said(facts: Facts, tiers: list[dict[str, Any]]) -> str:
    n, total = int(facts.clv_bins["customers"].sum()), facts.manifest["customers"]["clv"]
    words = ngettext(
        "{n} customer has a CLV, {total} in total and {mean} on average",
        "{n} customers have a CLV, {total} in total and {mean} on average",
        n,
        total=money(total),
        mean=money(total / n),
    )
    shares = [
        gettext(
            "the {tier} tier ({customers} of customers) has {share}",
            tier=name_of(row),
            customers=percent(row["customer_share"]),
            share=percent(row["clv_share"]),
        )
        for row in tiers
        if row["clv_share"] is not None
    ]
    return words + (gettext("; {tiers} of it.", tiers=listed(shares)) if shares else ".")


def _falling(facts: Facts) -> str:
    falling = facts.manifest["customers"]["spend_falling"]
    parts = [gettext("{n} in the {tier} tier", n=count(n), tier=tier) for tier, n in falling.items()]
    return gettext("Signs of falling spend are seen with {customers}.", customers=listed(parts)) if parts else ""


def _named(interval: Bin) -> str:
    """The amounts of a bin in words."""
    low, high = (None if end is None else short_money(end) for end in (interval["low"], interval["high"]))
    if low is None:
        return gettext("below {amount}", amount=high)
    return gettext("{amount} and more", amount=low) if high is None else gettext("{low} to {high}", low=low, high=high)


def _distribution(facts: Facts) -> Figure:
    bins = facts.clv_bins.to_dicts()
    title = gettext("Customers by CLV")
    fullest = max(bins, key=lambda interval: interval["customers"])
    says = gettext(
        "Most customers, {n}, have a CLV of {amounts}.", n=count(fullest["customers"]), amounts=_named(fullest)
    )
    table = Table(
        caption=title,
        columns=(
            Column(title=gettext("CLV"), values=[_named(interval) for interval in bins]),
            Column(title=gettext("from"), kind="money", values=[interval["low"] for interval in bins]),
            Column(title=gettext("below"), kind="money", values=[interval["high"] for interval in bins]),
            Column(title=gettext("customers"), kind="count", values=[interval["customers"] for interval in bins]),
        ),
    )
    cuts = facts.model["thresholds"].get("clv_tier") or {}
    note = gettext("The bins grow with the amounts, three of them for each power of ten.")
    drawn = partial(_drawn, bins, cuts, title, says)
    return Figure(chart=Chart(name="clv", title=title, says=says, draw=drawn), table=table, note=note)


def _drawn(bins: list[Bin], cuts: dict[str, float | None], title: str, says: str, width: int) -> Markup:
    series = Series(
        name=gettext("customers"),
        values=[interval["customers"] for interval in bins],
        tips=[f"{_named(interval)}: {customers(interval['customers'])}" for interval in bins],
    )
    dividers = [
        Divider(
            position=_position(bins, cut),
            words=gettext("{tier} tier: from {amount}", tier=tier, amount=short_money(cut)),
        )
        for tier, cut in cuts.items()
        if cut is not None
    ]
    labels = [
        f"<{short_money(interval['high'])}" if interval["low"] is None else short_money(interval["low"])
        for interval in bins
    ]
    x_title = gettext("CLV, from")
    return column_chart(labels, [series], width, title=title, says=says, x_title=x_title, dividers=dividers)


def _position(bins: list[Bin], amount: float) -> float:
    """Where an amount lies among the bins, in proportion within its own."""
    for i, interval in enumerate(bins):
        low, high = interval["low"], interval["high"]
        if high is None or amount < high:
            return i + (0.0 if low is None or high is None or amount < low else (amount - low) / (high - low))
    return float(len(bins))
