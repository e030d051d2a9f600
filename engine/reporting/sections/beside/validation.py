"""Predictions held against what happened: what a validation found, models beside rules that need none."""

from functools import partial
from typing import Any

from whalecurve.engine.reporting import (
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Section,
    Table,
    count,
    days,
    percent,
    short_money,
)
from whalecurve.engine.reporting.charts import Axis, Line, Series, column_chart, line_chart, ticks

VERDICTS = {
    "best": "By the error of purchases a customer it is clearly better than every rule without a model",
    "no better": "By the error of purchases a customer it is not clearly better than rules without a model",
    "worse": "By the error of purchases a customer a rule without a model is clearly better",
}


def validation_section(facts: Facts) -> Section | None:
    """Sentences, cumulative purchases by week, probabilities by tenth, all predictions; None without a validation."""
    validation = facts.beside.validation
    if validation is None:
        return None
    section = Section(name="validation", title="Predictions against what happened", blocks=[_said(validation)])
    section.blocks.append(_tracking(validation))
    deciles = [row for row in validation["deciles"] if row["name"] == validation["best_model"]]
    if deciles:
        section.blocks.append(_deciles(validation, deciles))
    section.blocks.append(_predictions(validation))
    return section


def _best(validation: dict[str, Any]) -> dict[str, Any]:
    best: dict[str, Any] = next(
        prediction for prediction in validation["predictions"] if prediction["name"] == validation["best_model"]
    )
    return best


def _said(validation: dict[str, Any]) -> str:
    best = _best(validation)
    purchases = best["purchases"]
    error = "" if purchases["error"] is None else f", an error of {purchases['error']:+.1%}"
    words = (
        f"Models were fitted to the days up to {validation['split']} and held against the "
        f"{days(validation['holdout_days'])} after it, for {count(validation['customers'], 'customer')}. "
        f"{best['title']} did best: it expected {purchases['predicted']:,.0f} purchases where there were "
        f"{purchases['actual']:,.0f}{error}"
    )
    verdict = VERDICTS.get(validation.get("verdict", ""))
    return f"{words}. {verdict}." if verdict else f"{words}."


def _tracking(validation: dict[str, Any]) -> Figure:
    best, weeks = _best(validation), validation["tracking"]
    expected = weeks["expected_cumulative"][best["name"]]
    title = "Cumulative repeat purchases: seen and expected"
    says = (
        f"By {weeks['last_day'][-1]}, {weeks['actual_cumulative'][-1]:,.0f} repeat purchases were seen and "
        f"{expected[-1]:,.0f} expected by {best['title']}."
    )
    table = Table(
        caption=title,
        columns=(
            Column(title="up to", values=weeks["last_day"]),
            Column(title="holdout", values=["yes" if held else "no" for held in weeks["is_holdout"]]),
            Column(title="seen", kind="number", values=weeks["actual_cumulative"]),
            Column(title="expected", kind="number", values=expected),
        ),
    )
    drawn = partial(_drawn_tracking, weeks, expected, title, says)
    note = f"The model knows nothing of the days after {validation['split']}."
    return Figure(chart=Chart(name="tracking", title=title, says=says, draw=drawn), table=table, note=note)


def _drawn_tracking(weeks: dict[str, Any], expected: list[float], title: str, says: str, width: int) -> Markup:
    dates, seen = weeks["last_day"], weeks["actual_cumulative"]
    high = max([1.0, *seen, *expected])
    y = Axis(low=0.0, high=high, ticks=ticks(0.0, high, 6), label=short_money, title="repeat purchases")
    last = float(len(dates) - 1)
    x = Axis(
        low=0.0, high=last, ticks=ticks(0.0, last, 9), label=lambda at: str(dates[int(at)]), title="week up to"
    )  # fmt: skip
    lines = [
        Line(name=name, points=[(float(i), value) for i, value in enumerate(values)])
        for name, values in (("seen", seen), ("expected", expected))
    ]
    return line_chart(lines, x, y, width, title=title, says=says)


def _deciles(validation: dict[str, Any], rows: list[dict[str, Any]]) -> Figure:
    title = "Share of customers who bought: predicted and seen"
    top = rows[-1]
    says = (
        f"Of the tenth of customers most likely to buy within {days(validation['risk_days'])}, "
        f"{percent(top['share_bought'])} did, where {percent(top['p_purchase'])} were expected to."
    )
    names = {"p_purchase": "predicted", "share_bought": "seen"}
    table = Table(
        caption=title,
        columns=(
            Column(title="tenth", values=[str(row["decile"]) for row in rows]),
            Column(title="customers", kind="count", values=[row["customers"] for row in rows]),
            *(Column(title=words, kind="share", values=[row[key] for row in rows]) for key, words in names.items()),
        ),
    )
    drawn = partial(_drawn_deciles, rows, names, title, says)
    return Figure(chart=Chart(name="deciles", title=title, says=says, draw=drawn), table=table)


def _drawn_deciles(rows: list[dict[str, Any]], names: dict[str, str], title: str, says: str, width: int) -> Markup:
    series = [
        Series(
            name=f"{words}, %",
            values=[100.0 * row[key] for row in rows],
            tips=[f"tenth {row['decile']}, {words}: {percent(row[key])}" for row in rows],
        )
        for key, words in names.items()
    ]
    labels = [str(row["decile"]) for row in rows]
    return column_chart(labels, series, width, title=title, says=says, x_title="tenth of customers, least likely first")


def _predictions(validation: dict[str, Any]) -> Table:
    rows = validation["predictions"]
    return Table(
        caption="Models, and rules without a model",
        columns=(
            Column(title="prediction", values=[row["title"] for row in rows]),
            Column(title="kind", values=[row["kind"] for row in rows]),
            Column(title="purchases", kind="number", values=[row["purchases"]["predicted"] for row in rows]),
            Column(title="error", kind="share", values=[row["purchases"]["error"] for row in rows]),
            Column(title="RMSE", kind="precise", values=[row["purchases"]["rmse"] for row in rows]),
            Column(title="Gini", kind="precise", values=[row["purchases"]["gini"] for row in rows]),
            Column(title="Brier score", kind="precise", values=[row["probability"]["brier"] for row in rows]),
            Column(title="weekly error", kind="share", values=[row["weekly_error"] for row in rows]),
        ),
    )
