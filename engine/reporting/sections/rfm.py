"""The heat map of recency and frequency: where the customers are, and where the value is."""

from functools import partial

from whalecurve.engine.reporting import (
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Section,
    Table,
    amount_of,
    count,
    customers,
    gettext,
    money,
    ngettext,
    percent,
    short_money,
)
from whalecurve.engine.reporting.charts import Cell, heat_map_chart, level


def rfm_section(facts: Facts) -> Section | None:
    """Cells of R and F, once by customers and once by value; None where nobody has scores."""
    if not facts.cells.height:
        return None
    words = _said(facts)
    by_value = gettext("{value} by R and F", value=facts.value_is.capitalize())
    figures = [
        _figure(facts, "rfm-customers", gettext("Customers by R and F"), "customers", words),
        _figure(facts, "rfm-value", by_value, "value", words),
    ]
    return Section(name="rfm", title=gettext("Recency and frequency"), blocks=[words, *figures])


def _said(facts: Facts) -> str:
    bins, n = facts.settings["rfm_bins"], int(facts.cells["customers"].sum())
    best = facts.cells.filter((facts.cells["r_score"] == bins) & (facts.cells["f_score"] == bins))
    words = ngettext(
        "R scores how lately a customer bought and F on how many days, from 1 to {bins}, {bins} being best; {n} "
        "customer has scores.",
        "R scores how lately a customer bought and F on how many days, from 1 to {bins}, {bins} being best; {n} "
        "customers have scores.",
        n,
        bins=bins,
    )
    if not best.height:
        nobody = gettext("No customer has the best score in both.")
        return f"{words} {nobody}"
    row = best.row(0, named=True)
    top = ngettext(
        "{n} customer ({share}) has the best score in both, with {amount} {value}.",
        "{n} customers ({share}) have the best score in both, with {amount} {value}.",
        row["customers"],
        share=percent(row["customers"] / n),
        amount=money(row["value"]),
        value=facts.value_is,
    )
    return f"{words} {top}"


def _figure(facts: Facts, name: str, title: str, column: str, says: str) -> Figure:
    cells = facts.cells
    table = Table(
        caption=title,
        columns=(
            Column(
                title=gettext("cell"), values=[f"R {r}, F {f}" for r, f in cells.select("r_score", "f_score").rows()]
            ),
            Column(title=gettext("customers"), kind="count", values=cells["customers"].to_list()),
            Column(title=facts.value_is, kind="money", values=cells["value"].to_list()),
        ),
    )
    drawn = partial(_drawn, facts, column, title, says)
    return Figure(chart=Chart(name=name, title=title, says=says, draw=drawn), table=table)


def _drawn(facts: Facts, column: str, title: str, says: str, width: int) -> Markup:
    bins = facts.settings["rfm_bins"]
    most = max(*facts.cells[column], 0)
    cells = {
        (bins - row["r_score"], row["f_score"] - 1): Cell(
            level=level(row[column] / most if most > 0 else None),
            lines=(count(row["customers"]) if column == "customers" else short_money(row["value"]),),
            tip=f"R {row['r_score']}, F {row['f_score']}: {customers(row['customers'])}, "
            f"{amount_of(row['value'], facts.value_is)}",
        )
        for row in facts.cells.iter_rows(named=True)
    }
    scores = range(1, bins + 1)
    return heat_map_chart(
        [f"R {score}" for score in reversed(scores)], [f"F {score}" for score in scores], cells, width, title=title,
        says=says, row_title="R", column_title="F", height=40.0,
    )  # fmt: skip
