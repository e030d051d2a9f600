"""The segments: how large they are, what they brought, what they are expected to bring, and how likely they leave."""

from functools import partial

from whalecurve.engine.reporting import Chart, Facts, Figure, Heading, Section, money, percent
from whalecurve.engine.reporting.charts import Part, level, treemap_chart
from whalecurve.engine.reporting.sections.groups import Rows, groups_figure, groups_table, name_of, title_of

OTHERS = {
    "lifecycle_stage": ("Lifecycle stages", "stage", "lifecycle-stages"),
    "loyalty_tier": ("Loyalty tiers", "tier", "loyalty-tiers"),
}
"""Schemes that follow the RFM segments: title, what a group is called, name of the chart."""


def segments_section(facts: Facts) -> Section | None:
    """RFM segments as bars and as a treemap; lifecycle stages and loyalty tiers as bars. None without segments."""
    rows = [row for row in facts.of_scheme("rfm") if row["segment"] is not None or row["customers"]]
    if not rows:
        return None
    section = Section(name="segments", title="Segments")
    said = _said(facts, rows)
    section.blocks.append(said)
    title = title_of("RFM segments", rows)
    section.blocks.append(groups_figure(facts, rows, name="segments", title=title, says=said, of="segment"))
    if any(row["value"] and row["value"] > 0 for row in rows):
        section.blocks.append(_treemap(facts, rows))
    for scheme, (heading, of, name) in OTHERS.items():
        others = [row for row in facts.of_scheme(scheme) if row["segment"] is not None or row["customers"]]
        if others:
            words = _said(facts, others)
            section.blocks.extend([Heading(title=heading), words])
            section.blocks.append(groups_figure(facts, others, name=name, title=heading, says=words, of=of))
    return section


def _said(facts: Facts, rows: Rows) -> str:
    """The group that brought most, the one with most customers, and the one most likely to leave."""
    named = [row for row in rows if row["segment"] is not None and row["customers"]]
    if not named:
        return "No customer is in any of them."
    best = max(named, key=lambda row: row["value"])
    share = "" if best["value_share"] is None else f" ({percent(best['value_share'])} of the total)"
    words = (
        f"{name_of(best)} brought most: {money(best['value'])} {facts.value_is}{share} from "
        f"{percent(best['customer_share'])} of customers"
        if best["value"] > 0
        else f"No group has a {facts.value_is} above 0"
    )
    if best["clv_share"] is not None:
        words += f", and {percent(best['clv_share'])} of CLV is expected of them"
    largest = max(named, key=lambda row: row["customers"])
    if largest is not best:
        words += f". Most customers are in {name_of(largest)}, {percent(largest['customer_share'])} of all"
    known = [row for row in named if row["mean_churn_risk"] is not None]
    if known:
        riskiest = max(known, key=lambda row: row["mean_churn_risk"])
        words += f". The mean churn risk is highest in {name_of(riskiest)}, {percent(riskiest['mean_churn_risk'])}"
    return words[:1].upper() + words[1:] + "."


def _treemap(facts: Facts, rows: Rows) -> Figure:
    has_risk = any(row["mean_churn_risk"] is not None for row in rows)
    title = f"RFM segments by {facts.value_is}"
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
    says = f"Area is {facts.value_is}, from the largest on: " + ", ".join(
        f"{part.name} {part.line}" for part in sorted(parts, key=lambda part: -part.size)
    )
    return Figure(
        chart=Chart(
            name="segments-treemap", title=title, says=says + ".",
            draw=partial(treemap_chart, parts, title=title, says=says + "."),
        ),
        table=groups_table(facts, rows, title, "segment"),
        note=f"The area is {facts.value_is}"
        + ("; the stronger the colour, the higher the mean churn risk." if has_risk else "."),
    )  # fmt: skip


def _tip(facts: Facts, row: dict[str, object]) -> str:
    risk = row["mean_churn_risk"]
    words = f"{name_of(row)}: {money(row['value'])} {facts.value_is}"  # type: ignore[arg-type]
    return words if risk is None else f"{words}, mean churn risk {percent(risk)}"  # type: ignore[arg-type]
