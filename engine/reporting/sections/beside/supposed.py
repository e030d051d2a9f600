"""What a changed future would be worth: by segment, which assumptions matter, what a lever must do."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from whalecurve.engine.reporting import (
    N_,
    Block,
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Section,
    Table,
    day,
    days,
    gettext,
    listed,
    money,
    ngettext,
    percent,
    plainly,
    signed_percent,
    word,
)
from whalecurve.engine.reporting.charts import Panel, bar_chart

FACTORS = {
    "retention": N_("odds of staying"),
    "purchase_rate": N_("purchase rate"),
    "basket": N_("value of a purchase"),
}
MOVED = FACTORS | {"annual_discount": N_("discount rate"), "horizon_days": N_("horizon")}
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
    return Section(name="supposed", title=gettext("What if"), blocks=blocks)


def _said(found: Row) -> str:
    rows = {row["scheme"]: row for row in reversed(found["segments"])}
    row = rows.get("total") or rows["all"]
    sure = (
        ""
        if row["difference_low"] is None
        else gettext(
            " ({low} to {high}, {level} interval from the models' parameters)",
            low=money(row["difference_low"]),
            high=money(row["difference_high"]),
            level=plainly(found["levers"]["level"]),
        )
    )
    kept = _assumption(found, "yearly_retention")
    return gettext(
        "Supposed from {day} on: {changes}. CLV goes from {now} to {then}: {difference} more{sure}. Of today's active "
        "customers {kept_now} are expected to be active in a year, and {kept_then} then.",
        day=day(found["as_of"]),
        changes=listed(_changes(found)) or gettext("no change"),
        now=money(row["clv_now"]),
        then=money(row["clv_then"]),
        difference=money(row["difference"]),
        sure=sure,
        kept_now=percent(kept["now"]),
        kept_then=percent(kept["then"]),
    )


def _changes(found: Row) -> list[str]:
    told = [
        f"{gettext(words)} {signed_percent(_assumption(found, name)['factor'] - 1.0)}"
        for name, words in FACTORS.items()
        if _assumption(found, name)["factor"] != 1.0
    ]
    for name, shown in (("annual_discount", percent), ("horizon_days", days)):
        one = _assumption(found, name)
        if one["now"] != one["then"]:
            told.append(
                gettext(
                    "{assumption} {then} instead of {now}",
                    assumption=gettext(MOVED[name]),
                    then=shown(one["then"]),
                    now=shown(one["now"]),
                )
            )
    margin = next((one for one in found["assumptions"] if one["name"] == "margin_rate"), None)
    if margin is not None and margin["now"] != margin["then"]:
        then, now = percent(margin["then"]), percent(margin["now"])
        told.append(gettext("margin {then} of revenue instead of {now}", then=then, now=now))
    if found["levers"]["acquire"]:
        told.append(ngettext("{n} new customer", "{n} new customers", found["levers"]["acquire"]))
    return told


def _assumption(found: Row, name: str) -> Row:
    return next(one for one in found["assumptions"] if one["name"] == name)


def _by_segment(found: Row) -> Figure:
    rows = [row for row in found["segments"] if row["scheme"] == found["levers"]["scheme"] and row["segment"]]
    title = gettext("CLV gained, by segment")
    best = max(rows, key=lambda row: row["difference"] or 0.0)
    says = gettext(
        "{segment} would gain most: {difference}.", segment=best["segment"], difference=money(best["difference"])
    )
    columns = (
        Column(title=gettext("segment"), values=[row["segment"] for row in rows]),
        Column(title=gettext("customers"), kind="count", values=[row["customers"] for row in rows]),
        Column(title=gettext("CLV now"), kind="money", values=[row["clv_now"] for row in rows]),
        Column(title=gettext("CLV then"), kind="money", values=[row["clv_then"] for row in rows]),
        Column(title=gettext("gained"), kind="money", values=[row["difference"] for row in rows]),
        Column(title=gettext("low"), kind="money", values=[row["difference_low"] for row in rows]),
        Column(title=gettext("high"), kind="money", values=[row["difference_high"] for row in rows]),
    )
    chart = Chart(name="supposed", title=title, says=says, draw=partial(_drawn, rows, title, says))
    return Figure(chart=chart, table=Table(caption=title, columns=columns))


def _drawn(rows: list[Row], title: str, says: str, width: int) -> Markup:
    names = [row["segment"] for row in rows]
    panels = [
        Panel(title=words, values=[row[key] for row in rows], written=[money(row[key]) for row in rows])
        for words, key in ((gettext("CLV now"), "clv_now"), (gettext("gained"), "difference"))
    ]
    return bar_chart(names, panels, width, title=title, says=says)


def _tornado(found: Row) -> Figure:
    by_name: dict[str, dict[float, float]] = {}
    for row in found["tornado"]:
        if row["assumption"] in MOVED:
            by_name.setdefault(row["assumption"], {})[row["shift"]] = row["difference"]
    names = [gettext(MOVED[name]) for name in by_name]
    title = gettext("Sensitivity: CLV if one assumption is off by 10%")
    first, moved = next(iter(by_name.items()))
    says = gettext(
        "It depends most on the {assumption}: {less} for a tenth less, {more} for a tenth more.",
        assumption=word(MOVED[first]),
        less=money(moved[LESS]),
        more=money(moved[MORE]),
    )
    table = Table(
        caption=title,
        columns=(
            Column(title=gettext("assumption"), values=names),
            *(
                Column(
                    title=signed_percent(shift, 0),
                    kind="money",
                    values=[by_shift[shift] for by_shift in by_name.values()],
                )
                for shift in sorted(moved)
            ),
        ),
    )
    chart = Chart(name="tornado", title=title, says=says, draw=partial(_drawn_tornado, by_name, names, title, says))
    note = gettext("One assumption moves at a time, from how it is today.")
    return Figure(chart=chart, table=table, note=note)


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
        for words, shift in ((gettext("a tenth less"), LESS), (gettext("a tenth more"), MORE))
    ]
    return bar_chart(names, panels, width, title=title, says=says)


def _break_evens(found: Row) -> Iterator[str]:
    """A sentence for all levers, each on its own."""
    if not found["break_even"]:
        return
    told = [
        f"{gettext(FACTORS[one['lever']])} {_change(one)}"
        if one["change"] is not None
        else gettext("{lever} by no change at all", lever=gettext(FACTORS[one["lever"]]))
        for one in found["break_even"]
    ]
    yield gettext(
        "To be worth {amount} a customer, each on its own must move: {changes}.",
        amount=money(found["levers"]["worth"]),
        changes=listed(told),
    )


def _change(one: Row) -> str:
    """What a lever must change by, with its interval where there is one: those of earlier versions have none."""
    change = signed_percent(one["change"])
    if one.get("low") is None or one.get("high") is None:
        return change
    low, high = (signed_percent(one[end]) for end in ("low", "high"))
    return gettext("{value} ({low} to {high})", value=change, low=low, high=high)
