"""The map of risk and value: whom to keep, whom to grow, whom to leave to automation."""

from functools import partial

from whalecurve.engine.reporting import (
    Chart,
    Facts,
    Figure,
    Markup,
    Section,
    customers,
    days,
    gettext,
    money,
    percent,
    plainly,
    recorded,
    sentence,
    word,
)
from whalecurve.engine.reporting.charts import Cell, heat_map_chart, level
from whalecurve.engine.reporting.sections.groups import Rows, groups_table

STRONGEST = 0.6
"""Of the scale of shades: four cells need not go to its end."""

PLACES = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Row and column of the cells in the scheme's order: high risk first, high value before low."""


def risk_section(facts: Facts) -> Section:
    """The four cells with counts and amounts; where risk is withheld, or nobody is placed, why."""
    section = Section(name="risk", title=gettext("Risk and value"))
    if facts.risk_withheld:
        words = gettext("There is no map of risk and value.")
        section.blocks.append(f"{words} {sentence(recorded(facts.risk_withheld))}")
        return section
    rows = facts.of_scheme("matrix")
    cells = [row for row in rows if row["segment"] is not None]
    if not any(row["customers"] for row in cells):
        nobody = gettext("There is no map of risk and value: no customer has both a risk and a value at stake.")
        section.blocks.append(nobody)
        return section
    section.blocks.append(_meaning(facts))
    section.blocks.extend(f"{_said([row])} {word(row['action'] or '')}".strip() for row in cells)
    title = gettext("Customers by churn risk and value")
    placed = [row for row in rows if row["segment"] or row["customers"]]
    section.blocks.append(
        Figure(
            chart=Chart(
                name="risk-value", title=title, says=_said(cells), draw=partial(_drawn, cells, title, _said(cells))
            ),
            table=groups_table(facts, placed, title, gettext("cell")),
        )
    )
    return section


def _meaning(facts: Facts) -> str:
    settings = facts.settings
    by_stake = settings["value_axis"] == "stake"
    return gettext(
        "Churn risk is the probability of no purchase within {days}, high from {risk} on. Value is high in the top "
        "{top} of customers by {axis}. Value at stake is the discounted value of the next {horizon} given that the "
        "customer is still active: what leaves if they leave.",
        days=days(facts.model["risk"]["horizon_days"]),
        risk=plainly(settings["risk_threshold"]),
        top=plainly(1 - settings["value_quantile"]),
        axis=word("value at stake") if by_stake else word("value so far and CLV together"),
        horizon=days(settings["horizon_days"]),
    )


def _said(cells: Rows) -> str:
    """A sentence a cell."""
    parts = []
    for row in cells:
        words = f"{row['segment']}: {customers(row['customers'])}"
        if row["value_at_stake"] is not None:
            words += ", " + gettext("{amount} at stake", amount=money(row["value_at_stake"]))
        if row["mean_churn_risk"] is not None:
            words += ", " + gettext("mean risk {risk}", risk=percent(row["mean_churn_risk"]))
        parts.append(words)
    return "; ".join(parts) + "."


def _drawn(rows: Rows, title: str, says: str, width: int) -> Markup:
    n = sum(row["customers"] for row in rows)
    most = max(row["value_at_stake"] or 0.0 for row in rows)
    cells = {
        place: Cell(
            level=level(STRONGEST * (row["value_at_stake"] or 0.0) / most if most > 0 else None),
            lines=(
                str(row["segment"]),
                customers(row["customers"]),
                percent(row["customers"] / n),
                gettext("{amount} at stake", amount=money(row["value_at_stake"])),
            ),
            tip=_said([row]),
        )
        for place, row in zip(PLACES, rows, strict=False)
    }
    return heat_map_chart(
        [gettext("high risk"), gettext("low risk")], [gettext("high value"), gettext("low value")], cells, width,
        title=title, says=says, row_title=gettext("risk"), column_title=gettext("value"), height=96.0,
    )  # fmt: skip
