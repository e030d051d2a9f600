"""The map of risk and value: whom to keep, whom to grow, whom to leave to automation."""

from functools import partial

from whalecurve.engine.reporting import Chart, Facts, Figure, Markup, Section, count, money, percent, plainly
from whalecurve.engine.reporting.charts import Cell, heat_map_chart, level
from whalecurve.engine.reporting.sections.groups import Rows, groups_table

STRONGEST = 0.6
"""Of the scale of shades: four cells need not go to its end."""

PLACES = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Row and column of the cells in the scheme's order: high risk first, high value before low."""


def risk_section(facts: Facts) -> Section:
    """The four cells with counts and amounts; where risk is withheld, or nobody is placed, why."""
    section = Section(name="risk", title="Risk and value")
    if facts.risk_withheld:
        section.blocks.append(f"There is no map of risk and value. {_sentence(facts.risk_withheld)}")
        return section
    rows = facts.of_scheme("matrix")
    cells = [row for row in rows if row["segment"] is not None]
    if not any(row["customers"] for row in cells):
        section.blocks.append("There is no map of risk and value: no customer has both a risk and a value at stake.")
        return section
    section.blocks.append(_meaning(facts))
    section.blocks.extend(f"{_said([row])} {row['action'] or ''}".strip() for row in cells)
    title = "Customers by churn risk and value"
    section.blocks.append(
        Figure(
            chart=Chart(
                name="risk-value", title=title, says=_said(cells), draw=partial(_drawn, cells, title, _said(cells))
            ),
            table=groups_table(facts, [row for row in rows if row["segment"] or row["customers"]], title, "cell"),
        )
    )
    return section


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."


def _meaning(facts: Facts) -> str:
    settings, horizon = facts.settings, facts.model["risk"]["horizon_days"]
    axis = "value at stake" if settings["value_axis"] == "stake" else "value so far and CLV together"
    return (
        f"Churn risk is the probability of no purchase within {horizon:,} days, high from "
        f"{plainly(settings['risk_threshold'])} on. Value is high in the top {plainly(1 - settings['value_quantile'])} "
        f"of customers by {axis}. Value at stake is the discounted value of the next {settings['horizon_days']:,} days "
        f"given that the customer is still active: what leaves if they leave."
    )


def _said(cells: Rows) -> str:
    """A sentence a cell."""
    parts = []
    for row in cells:
        words = f"{row['segment']}: {count(row['customers'], 'customer')}"
        if row["value_at_stake"] is not None:
            words += f", {money(row['value_at_stake'])} at stake"
        if row["mean_churn_risk"] is not None:
            words += f", mean risk {percent(row['mean_churn_risk'])}"
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
                count(row["customers"], "customer"),
                percent(row["customers"] / n),
                f"{money(row['value_at_stake'])} at stake",
            ),
            tip=_said([row]),
        )
        for place, row in zip(PLACES, rows, strict=False)
    }
    return heat_map_chart(
        ["high risk", "low risk"], ["high value", "low value"], cells, width, title=title, says=says,
        row_title="risk", column_title="value", height=96.0,
    )  # fmt: skip
