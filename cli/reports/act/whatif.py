"""A changed future as text."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from textwrap import wrap
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, interval, money, named, number, percent, table

WIDTH = 80
FACTORS = {"retention": "odds of staying", "purchase_rate": "purchase rate", "basket": "value of a purchase"}
ASSUMPTIONS = FACTORS | {"annual_discount": "discount rate", "horizon_days": "horizon"}
PARAMETERS = {"purchase_parameters": "purchases", "spend_parameters": "spend"}


def whatif_text(data: dict[str, Any], out: Path | None) -> str:
    """What is supposed, CLV now and then of all and by segment, and what else was asked."""
    files = "whatif.json, whatif.parquet" + (", tornado.parquet" if data["tornado"] is not None else "")
    return paragraphs(
        [
            "\n".join([*wrap(f"as of {data['as_of']}, supposed: {_supposed(data)}", WIDTH), _retention(data)]),
            _totals(data),
            _segments(data),
            _tornado(data),
            "\n".join(_break_evens(data)),
            notes(data["warnings"]),
            f"{written_to(out)}: {files}" if out is not None else "",
        ]
    )


def _supposed(data: Mapping[str, Any]) -> str:
    by_name, levers = {one["name"]: one for one in data["assumptions"]}, data["levers"]
    told = [
        f"{words} {percent(by_name[name]['factor'] - 1.0, '+')}"
        for name, words in FACTORS.items()
        if by_name[name]["factor"] != 1.0
    ]
    for name, words, shown in (
        ("margin_rate", "margin", percent),
        ("annual_discount", "discount rate", percent),
        ("horizon_days", "horizon", lambda days: count(days, "day")),
    ):
        one = by_name.get(name)
        if one is not None and one["now"] != one["then"]:
            told.append(f"{words} {shown(one['now'])} -> {shown(one['then'])}")
    if levers["acquire"]:
        told.append(count(levers["acquire"], "new customer"))
    where = f", in {', '.join(levers['segments'])}" if levers["segments"] is not None else ""
    return (", ".join(told) or "no change") + where


def _retention(data: Mapping[str, Any]) -> str:
    kept = next(one for one in data["assumptions"] if one["name"] == "yearly_retention")
    return f"active customers who are still active in a year: {percent(kept['now'])} now, {percent(kept['then'])} then"


def _totals(data: Mapping[str, Any]) -> str:
    header = ["CLV", "now", "then", "difference", f"{100 * data['levers']['level']:.4g}% interval"]
    words = {"all": "today's customers", "acquired": "new customers", "total": "together"}
    rows = [
        [
            words[row["scheme"]],
            money(row["clv_now"]),
            money(row["clv_then"]),
            money(row["difference"]),
            interval(row["difference_low"], row["difference_high"], money),
        ]
        for row in data["segments"]
        if row["scheme"] in words
    ]
    return table(header, rows, range(1, 5))


def _segments(data: Mapping[str, Any]) -> str:
    scheme = data["levers"]["scheme"]
    header = ["segment", "customers", "CLV now", "then", "difference", "change"]
    rows = [
        [
            named(row["segment"]),
            f"{row['customers']:,}",
            money(row["clv_now"]),
            money(row["clv_then"]),
            money(row["difference"]),
            percent(row["difference"] / row["clv_now"], "+") if (row["clv_now"] or 0.0) > 0.0 else "-",
        ]
        for row in data["segments"]
        if row["scheme"] == scheme
    ]
    return table(header, rows, range(1, 6))


def _tornado(data: Mapping[str, Any]) -> str:
    if data["tornado"] is None:
        return ""
    by_name: dict[str, dict[float, float]] = {}
    for row in data["tornado"]:
        by_name.setdefault(row["assumption"], {})[row["shift"]] = row["difference"]
    shifts = sorted(next(by_shift for name, by_shift in by_name.items() if name in ASSUMPTIONS))
    header = ["CLV changes by, if", *(percent(shift, "+") for shift in shifts)]
    rows = [
        [ASSUMPTIONS[name], *(money(by_shift[shift]) for shift in shifts)]
        for name, by_shift in by_name.items()
        if name in ASSUMPTIONS
    ]
    sure = [
        f"±{money(max(by_shift.values()))} ({PARAMETERS[name]})"
        for name, by_shift in by_name.items()
        if name in PARAMETERS
    ]
    told = f"\nparameters may be off by: {', '.join(sure)}" if sure else ""
    return table(header, rows, range(1, 1 + len(shifts))) + told


def _break_evens(data: Mapping[str, Any]) -> Iterator[str]:
    if not data["break_even"]:
        return
    now = next(one["now"] for one in data["assumptions"] if one["name"] == "yearly_retention")
    yield f"to be worth {number(data['levers']['worth'], 2)} a customer, on its own:"
    for one in data["break_even"]:
        words = f"  {FACTORS[one['lever']]} "
        if one["change"] is None:
            most = "" if one["most"] is None else f"; if nobody left any more, it would be {number(one['most'], 2)}"
            yield f"{words}- no change is enough{most}"
        elif one["yearly_retention"] is not None:
            yield f"{words}{percent(one['change'], '+')}{_sure(one, data)}"
            yield f"    {percent(now)} -> {percent(one['yearly_retention'])} still active in a year"
        else:
            yield f"{words}{percent(one['change'], '+')}{_sure(one, data)}"


def _sure(one: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """The interval of a change, where there is one."""
    if one["low"] is None or one["high"] is None:
        return ""
    level = f"{100 * data['levers']['level']:.4g}%"
    return f" ({level} interval {interval(one['low'], one['high'], partial(percent, sign='+'))})"
