"""The profile of the ideal customers as text."""

from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import (
    count,
    first_rows,
    interval,
    mark,
    money,
    named,
    number,
    percent,
    ratio,
    table,
)

CIRCULAR = "* circular: the segment is defined by how lately its customers have bought, and that is when they bought"


def profile_text(data: dict[str, Any], out: Path | None) -> str:
    """The profile as text: one block a question and dimension; `out`: where it and the seeds were written."""
    blocks = [_headline(data)]
    blocks += [_one(section, data) for section in _sections(data, "who")]
    blocks.append(_times(_sections(data, "when"), data))
    for question, told in (("what", _what), ("where", _one), ("next", _next)):
        blocks += [told(section, data) for section in _sections(data, question)]
    blocks += [_gaps(data), _due(data), notes(data["warnings"])]
    if out is not None:
        blocks.append(f"{_seeds(data['seeds'])}\n{written_to(out)}")
    return paragraphs(blocks)


def _sections(data: dict[str, Any], question: str) -> list[dict[str, Any]]:
    return [section for section in data["sections"] if section["question"] == question]


def _headline(data: dict[str, Any]) -> str:
    n, worth = data["customers"], data["worth"]
    own, every = worth["segment"], worth["base"]
    name = {"clv_tier": f"CLV tier {data['segment']}"}.get(data["scheme"], data["segment"])
    words = (
        f"{name}: {n['segment']:,} ({percent(n['segment'] / n['base'])}) of {count(n['base'], 'customer')} with a "
        f"purchase, as of {data['as_of']}"
    )
    words += f"\n{data['why']}" if data["why"] is not None else ""
    shares = [f"{percent(worth['share']['value'])} of {data['value_is']}"]
    shares += [f"{percent(worth['share']['clv'])} of CLV"] if worth["share"]["clv"] is not None else []
    means = [f"{data['value_is']} {money(own['value'])} each, against {money(every['value'])} of all"]
    means += [f"CLV {money(own['clv'])}, against {money(every['clv'])}"] if own["clv"] is not None else []
    return f"{words}\n{' and '.join(shares)}; {'; '.join(means)}"


def _one(section: dict[str, Any], data: dict[str, Any]) -> str:
    """Attributes, and dimensions of the first order: shares of customers."""
    rows = section["measures"]["customers"]
    title = {"who": "who, by", "where": "came by"}[section["question"]]
    words = f"{title} {section['dimension']}{_counted(section)}"
    for mean in section["measures"].get("mean", []):
        if mean["segment"] is not None:
            words += f"; mean {number(mean['segment'], 1)}, of all {number(mean['base'], 1)}"
    header = [section["dimension"], "mark", "customers", "share", "of all", "index", "lift", _level(data)]
    is_unknown = section["question"] == "who" and any(row["value"] is None for row in rows)
    words += "; shares of the known" if is_unknown else ""
    names = {None: "(unknown)"} if is_unknown else {}
    cells = [
        [
            names.get(row["value"], named(row["value"])),
            mark(row["marks"]),
            f"{row['n_segment']:,}",
            *_shares(row),
            *_lift(row),
        ]
        for row in rows
    ]
    return _titled(words, header, cells)


def _times(sections: list[dict[str, Any]], data: dict[str, Any]) -> str:
    """Shares of orders by season, month, weekday and hour, one below the other."""
    cells = [
        [
            f"{section['dimension']}{'*' * section['is_circular']}" if i == 0 else "",
            *_value(row),
            *_shares(row),
            *_lift(row),
        ]
        for section in sections
        for i, row in enumerate(section["measures"]["orders"])
    ]
    header = ["when", "", "mark", "orders", "of all", "index", "lift", _level(data)]
    note = f"\n{CIRCULAR}" if any(section["is_circular"] for section in sections) else ""
    return "when: shares of orders\n\n" + table(header, cells, right=range(3, len(header))) + note


def _what(section: dict[str, Any], data: dict[str, Any]) -> str:
    """Shares of orders, of value and of customers, side by side."""
    measures = section["measures"]
    cells = [
        [
            *_value(orders), *_shares(orders), *_lift(orders),
            *(percent(value[name]) for name in ("segment", "base")), number(value["index"]),
            *(percent(customers[name]) for name in ("segment", "base")), number(customers["index"]),
        ]
        for orders, value, customers in zip(
            measures["orders"], measures["value"], measures["customers"], strict=True
        )
    ]  # fmt: skip
    header = [section["dimension"], "mark", "orders", "of all", "index", "lift", _level(data)]
    header += [data["value_is"], "of all", "index", "customers", "of all", "index"]
    return _titled(f"buys by {section['dimension']}{_counted(section)}", header, cells)


def _next(section: dict[str, Any], data: dict[str, Any]) -> str:
    """What is bought on the second purchase day, and what never was."""
    measures = section["measures"]
    rows = measures["customers"]
    unknown = [dict.fromkeys(("segment", "base"))] * len(rows)  # lines without any value say nothing of customers
    cells = [
        [
            *_value(row),
            *_shares(row),
            *_lift(row),
            *(percent(never[n]) for n in ("segment", "base")),
        ]
        for row, never in zip(rows, measures.get("not bought", unknown), strict=True)
    ]
    header = [section["dimension"], "mark", "second", "of all", "index", "lift", _level(data), "never", "of all"]
    return _titled(f"next by {section['dimension']}{_counted(section)}", header, cells)


def _gaps(data: dict[str, Any]) -> str:
    sections = _sections(data, "gap")
    own, every = data["timing"]["segment"], data["timing"]["base"]
    told = []
    for days, share in own["within"].items():
        if share is not None:
            other = every["within"][days]
            told.append(f"{days} days {percent(share)}" + (f" ({percent(other)})" if other is not None else ""))
    median = own["quantiles"]["0.5"]
    words = "share buying again within (all customers in brackets): "
    words += f"{', '.join(told) if told else 'nobody has been observed for 30 days'}"
    words += f"; half within {median:,.0f} days" if median is not None else "; fewer than half do"
    if not sections:
        return words
    rows = sections[0]["measures"]["gaps"]
    header = ["gap between purchases", "mark", "gaps", "of all", "index", "lift", _level(data)]
    return _titled(words, header, [[*_value(row), *_shares(row), *_lift(row)] for row in rows])


def _due(data: dict[str, Any]) -> str:
    n = data["due"]
    words = f"due within 30 days: {n['soon']:,}; later: {n['later']:,}; overdue: {n['overdue']:,}"
    words += f"; unknown: {n['unknown']:,}" if n["unknown"] else ""
    return f"{words}; {n['own_rhythm']:,} dates use the customer's own rhythm"


def _seeds(data: dict[str, Any]) -> str:
    """What became of the seeds, in one line."""
    words = f"{count(data['seeds'], 'seed')} of {count(data['members'], 'customer')}, by {data['column']}"
    lost = {"without": "without one", "unusable": "not usable", "twice": "with one that another has"}
    told = [f"{data[name]:,} {what}" for name, what in lost.items() if data[name]]
    return words + (f"; {', '.join(told)}" if told else "")


def _counted(section: dict[str, Any]) -> str:
    return f": {count(section['values'], 'value')}, {section['values_tested']:,} tested"


def _titled(words: str, header: list[str], rows: list[list[str]]) -> str:
    """Words, and below them a table whose first two columns are text; the words alone where it has no rows."""
    return f"{words}\n\n{first_rows(header, rows, right=range(2, len(header)))}" if rows else words


def _level(data: dict[str, Any]) -> str:
    return f"{data['settings']['level']:.0%} interval"


def _value(row: dict[str, Any]) -> list[str]:
    return [named(row["value"]), mark(row["marks"])]


def _shares(row: dict[str, Any]) -> list[str]:
    return [percent(row["segment"]), percent(row["base"]), number(row["index"])]


def _lift(row: dict[str, Any]) -> list[str]:
    return [ratio(row["lift"]), interval(row["lift_low"], row["lift_high"], ratio)]
