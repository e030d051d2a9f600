"""What a changed future would be worth: by segment, which assumptions matter, what a lever must do."""

from collections.abc import Iterator
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
    days,
    listed,
    money,
    percent,
    plainly,
)
from whalecurve.engine.reporting.charts import Panel, bar_chart

FACTORS = {"retention": "odds of staying", "purchase_rate": "purchase rate", "basket": "value of a purchase"}
MOVED = FACTORS | {"annual_discount": "discount rate", "horizon_days": "horizon"}
LESS, MORE = -0.1, 0.1

Row = dict[str, Any]


def supposed_section(facts: Facts) -> Section | None:
    """Sentences, gains by segment, a tornado; None where nothing is supposed."""
    found = facts.beside.supposed
    if found is None:
        return None
    blocks: list[Block] = [_said(found), _by_segment(found)]
    if found["tornado"] is not None:
        blocks.append(_tornado(found))
    blocks += list(_break_evens(found))
    return Section(name="supposed", title="What if", blocks=blocks)


def _said(found: Row) -> str:
    rows = {row["scheme"]: row for row in reversed(found["segments"])}
    row = rows.get("total") or rows["all"]
    sure = (
        ""
        if row["difference_low"] is None
        else f" ({money(row['difference_low'])} to {money(row['difference_high'])}, "
        f"{plainly(found['levers']['level'])} interval from the models' parameters)"
    )
    kept = _assumption(found, "yearly_retention")
    return (
        f"Supposed from {found['as_of']} on: {listed(_changes(found)) or 'no change'}. CLV goes from "
        f"{money(row['clv_now'])} to {money(row['clv_then'])}: {money(row['difference'])} more{sure}. Of "
        f"today's active customers {percent(kept['now'])} are expected to be active in a year, and "
        f"{percent(kept['then'])} then."
    )


def _changes(found: Row) -> list[str]:
    told = [
        f"{words} {_assumption(found, name)['factor'] - 1.0:+.1%}"
        for name, words in FACTORS.items()
        if _assumption(found, name)["factor"] != 1.0
    ]
    for name, words, shown in (("annual_discount", "discount rate", percent), ("horizon_days", "horizon", days)):
        one = _assumption(found, name)
        if one["now"] != one["then"]:
            told.append(f"{words} {shown(one['then'])} instead of {shown(one['now'])}")
    margin = next((one for one in found["assumptions"] if one["name"] == "margin_rate"), None)
    if margin is not None and margin["now"] != margin["then"]:
        told.append(f"margin {percent(margin['then'])} of revenue instead of {percent(margin['now'])}")
    if found["levers"]["acquire"]:
        told.append(count(found["levers"]["acquire"], "new customer"))
    return told


def _assumption(found: Row, name: str) -> Row:
    return next(one for one in found["assumptions"] if one["name"] == name)


def _by_segment(found: Row) -> Figure:
    rows = [row for row in found["segments"] if row["scheme"] == found["levers"]["scheme"] and row["segment"]]
    title = "CLV gained, by segment"
    best = max(rows, key=lambda row: row["difference"] or 0.0)
    says = f"{best['segment']} would gain most: {money(best['difference'])}."
    columns = (
        Column(title="segment", values=[row["segment"] for row in rows]),
        Column(title="customers", kind="count", values=[row["customers"] for row in rows]),
        Column(title="CLV now", kind="money", values=[row["clv_now"] for row in rows]),
        Column(title="CLV then", kind="money", values=[row["clv_then"] for row in rows]),
        Column(title="gained", kind="money", values=[row["difference"] for row in rows]),
        Column(title="low", kind="money", values=[row["difference_low"] for row in rows]),
        Column(title="high", kind="money", values=[row["difference_high"] for row in rows]),
    )
    chart = Chart(name="supposed", title=title, says=says, draw=partial(_drawn, rows, title, says))
    return Figure(chart=chart, table=Table(caption=title, columns=columns))


def _drawn(rows: list[Row], title: str, says: str, width: int) -> Markup:
    names = [row["segment"] for row in rows]
    panels = [
        Panel(title=words, values=[row[key] for row in rows], written=[money(row[key]) for row in rows])
        for words, key in (("CLV now", "clv_now"), ("gained", "difference"))
    ]
    return bar_chart(names, panels, width, title=title, says=says)


def _tornado(found: Row) -> Figure:
    by_name: dict[str, dict[float, float]] = {}
    for row in found["tornado"]:
        if row["assumption"] in MOVED:
            by_name.setdefault(row["assumption"], {})[row["shift"]] = row["difference"]
    names = [MOVED[name] for name in by_name]
    title = "CLV if one assumption is off by a tenth"
    first, moved = next(iter(by_name.items()))
    says = (
        f"It depends most on the {MOVED[first]}: {money(moved[LESS])} for a tenth less, {money(moved[MORE])} for a "
        f"tenth more."
    )
    table = Table(
        caption=title,
        columns=(
            Column(title="assumption", values=names),
            *(
                Column(title=f"{shift:+.0%}", kind="money", values=[by_shift[shift] for by_shift in by_name.values()])
                for shift in sorted(moved)
            ),
        ),
    )
    chart = Chart(name="tornado", title=title, says=says, draw=partial(_drawn_tornado, by_name, names, title, says))
    return Figure(chart=chart, table=table, note="One assumption moves at a time, from how it is today.")


def _drawn_tornado(
    by_name: dict[str, dict[float, float]], names: list[str], title: str, says: str, width: int
) -> Markup:
    panels = [
        Panel(
            title=words,
            values=[by_shift[shift] for by_shift in by_name.values()],
            written=[money(by_shift[shift]) for by_shift in by_name.values()],
            scale="clv",
        )
        for words, shift in (("a tenth less", LESS), ("a tenth more", MORE))
    ]
    return bar_chart(names, panels, width, title=title, says=says)


def _break_evens(found: Row) -> Iterator[str]:
    """A sentence for all levers, each on its own."""
    if not found["break_even"]:
        return
    told = [
        f"{FACTORS[one['lever']]} {one['change']:+.1%}"
        if one["change"] is not None
        else f"{FACTORS[one['lever']]} by no change at all"
        for one in found["break_even"]
    ]
    yield f"To be worth {money(found['levers']['worth'])} a customer, each on its own must move: {listed(told)}."
