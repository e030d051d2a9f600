"""The segments: how large they are, what they brought, what they are expected to bring, and how likely they leave."""

from functools import partial
from typing import Any

from whalecurve.engine.reporting import (
    N_,
    Block,
    Chart,
    Column,
    Facts,
    Figure,
    Heading,
    Section,
    Table,
    amount_of,
    gettext,
    money,
    percent,
    sentence,
)
from whalecurve.engine.reporting.charts import Part, level, treemap_chart
from whalecurve.engine.reporting.sections.groups import Rows, groups_figure, groups_table, name_of, title_of

OTHERS = {
    "lifecycle_stage": (N_("Lifecycle stages"), N_("stage"), "lifecycle-stages"),
    "loyalty_tier": (N_("Loyalty tiers"), N_("tier"), "loyalty-tiers"),
}
"""Schemes that follow the RFM segments: title, what a group is called, name of the chart."""


def segments_section(facts: Facts) -> Section | None:
    """RFM segments as bars and as a treemap; lifecycle stages and loyalty tiers as bars. None without segments."""
    rows = [row for row in facts.of_scheme("rfm") if row["segment"] is not None or row["customers"]]
    if not rows:
        return None
    section = Section(name="segments", title=gettext("Segments"))
    said = _said(facts, rows)
    section.blocks.append(said)
    title = title_of(gettext("RFM segments"), rows)
    section.blocks.append(groups_figure(facts, rows, name="segments", title=title, says=said, of=gettext("segment")))
    if any(row["value"] and row["value"] > 0 for row in rows):
        section.blocks.append(_treemap(facts, rows))
    for scheme, (heading, of, name) in OTHERS.items():
        others = [row for row in facts.of_scheme(scheme) if row["segment"] is not None or row["customers"]]
        if others:
            title, words = gettext(heading), _said(facts, others)
            section.blocks.extend([Heading(title=title), words])
            section.blocks.append(groups_figure(facts, others, name=name, title=title, says=words, of=gettext(of)))
    section.blocks.extend(_quality(facts))
    return section


REMARKS = {
    "small": N_("too small to act on"),
    "large": N_("too large to mean anything"),
    "mixed": N_("as mixed as all customers"),
    "alike": N_("hardly tells customers apart"),
}
SPLITS = {
    "r_score": N_("R score"),
    "f_score": N_("F score"),
    "m_score": N_("M score"),
    "clv_tier": N_("CLV tier"),
    "lifecycle_stage": N_("lifecycle stage"),
    "loyalty_tier": N_("loyalty tier"),
}
"""Columns that a segment may be split by."""


def _quality(facts: Facts) -> list[Block]:
    """Segments that are too small, too large or mixed; nothing where there are none, or the result does not say."""
    told: list[dict[str, Any]] = facts.manifest.get("segment_quality") or []
    if not told:
        return []
    remarks = ["; ".join(gettext(REMARKS[remark]) for remark in one["remarks"]) for one in told]
    splits = [None if one["split_by"] is None else gettext(SPLITS[one["split_by"]]) for one in told]
    columns = (
        Column(title=gettext("segment"), values=[one["segment"] or gettext("all") for one in told]),
        Column(title=gettext("customers"), kind="count", values=[one["customers"] for one in told]),
        Column(title=gettext("remark"), values=remarks),
        Column(title=gettext("split that would help most"), values=splits),
        Column(title=gettext("takes of the variance of value"), kind="share", values=[o["split_share"] for o in told]),
    )
    words = gettext("By the thresholds of the scheme, these segments, cells and tiers deserve a second look.")
    title = gettext("How good the segments are")
    return [Heading(title=title), words, Table(caption=title, columns=columns)]


def _said(facts: Facts, rows: Rows) -> str:
    """The group that brought most, the one with most customers, and the one most likely to leave."""
    named = [row for row in rows if row["segment"] is not None and row["customers"]]
    if not named:
        return gettext("No customer is in any of them.")
    best = max(named, key=lambda row: row["value"])
    words = _most_value(facts, best)
    if best["clv_share"] is not None:
        words += gettext(", and {share} of CLV is expected of them", share=percent(best["clv_share"]))
    parts = [words]
    largest = max(named, key=lambda row: row["customers"])
    if largest is not best:
        parts.append(
            gettext(
                "Most customers are in {group}, {share} of all",
                group=name_of(largest),
                share=percent(largest["customer_share"]),
            )
        )
    known = [row for row in named if row["mean_churn_risk"] is not None]
    if known:
        riskiest = max(known, key=lambda row: row["mean_churn_risk"])
        risk = percent(riskiest["mean_churn_risk"])
        parts.append(gettext("The mean churn risk is highest in {group}, {risk}", group=name_of(riskiest), risk=risk))
    return sentence(". ".join(parts))


def _most_value(facts: Facts, best: dict[str, Any]) -> str:
    if not best["value"] > 0:
        return gettext("No group has a {value} above 0", value=facts.value_is)
    customers = percent(best["customer_share"])
    amount = money(best["value"])
    if best["value_share"] is None:
        return gettext(
            "{group} brought most: {amount} {value} from {customers} of customers",
            group=name_of(best),
            amount=amount,
            value=facts.value_is,
            customers=customers,
        )
    return gettext(
        "{group} brought most: {amount} {value} ({share} of the total) from {customers} of customers",
        group=name_of(best),
        amount=amount,
        value=facts.value_is,
        share=percent(best["value_share"]),
        customers=customers,
    )


def _treemap(facts: Facts, rows: Rows) -> Figure:
    has_risk = any(row["mean_churn_risk"] is not None for row in rows)
    title = gettext("RFM segments by {value}", value=facts.value_is)
    parts = [
        Part(
            name=name_of(row),
            size=row["value"],
            level=level(row["mean_churn_risk"]) if has_risk else 2,
            line=money(row["value"]) if row["value_share"] is None else percent(row["value_share"]),
            tip=_tip(facts, row),
        )
        for row in rows
        if row["value"] and row["value"] > 0
    ]
    named = ", ".join(f"{part.name} {part.line}" for part in sorted(parts, key=lambda part: -part.size))
    says = gettext("Area is {value}, from the largest on: {groups}.", value=facts.value_is, groups=named)
    note = (
        gettext("The area is {value}; the stronger the colour, the higher the mean churn risk.", value=facts.value_is)
        if has_risk
        else gettext("The area is {value}.", value=facts.value_is)
    )
    drawn = partial(treemap_chart, parts, title=title, says=says)
    return Figure(
        chart=Chart(name="segments-treemap", title=title, says=says, draw=drawn),
        table=groups_table(facts, rows, title, gettext("segment")),
        note=note,
    )


def _tip(facts: Facts, row: dict[str, Any]) -> str:
    risk = row["mean_churn_risk"]
    words = f"{name_of(row)}: {amount_of(row['value'], facts.value_is)}"
    if risk is not None:
        words += ", " + gettext("mean churn risk {risk}", risk=percent(risk))
    return words
