"""The page: sections as HTML in one file that loads nothing, works without scripts, and prints."""

import base64
import hashlib
from collections.abc import Sequence

from whalecurve.engine.reporting.blocks import (
    NARROW,
    SHOWN,
    WIDE,
    Action,
    Block,
    Chart,
    Column,
    Figure,
    Heading,
    Section,
    Table,
    Tiles,
    Value,
)
from whalecurve.engine.reporting.language import gettext, language
from whalecurve.engine.reporting.markup import NOTHING, Markup, element
from whalecurve.engine.reporting.script import page_script
from whalecurve.engine.reporting.style import chart_style, page_style
from whalecurve.engine.reporting.words import UNKNOWN


def page(title: str, subtitle: str, sections: Sequence[Section], foot: str) -> str:
    """A whole HTML file. The same sections give the same bytes."""
    style, script = page_style(), page_script()
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; base-uri 'none'; "
        f"form-action 'none'"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="robots", content="noindex"),
        element("title", title),
        element("style", Markup(style)),
    )
    body = element(
        "body",
        element("a", gettext("Skip to the report"), class_="skip", href="#report"),
        element("header", element("h1", title), element("p", subtitle, class_="quiet"), _contents(sections)),
        element("main", *(_section(section) for section in sections), id="report"),
        element("footer", element("p", foot, class_="quiet")),
        element("script", Markup(script)),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang=language().tag)}\n"


def standalone(chart: Chart) -> str:
    """A chart as an SVG file of its own, for slides: wide, in the light colours."""
    drawn = chart.draw(WIDE)
    start, rest = drawn.split(">", 1)
    style = element("style", Markup(chart_style()))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{start}>{style}{rest}\n'


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _contents(sections: Sequence[Section]) -> Markup:
    links = (element("li", element("a", section.title, href=f"#{section.name}")) for section in sections)
    return element("nav", element("ul", *links), aria_label=gettext("Sections"))


def _section(section: Section) -> Markup:
    head = f"{section.name}-title"
    return element(
        "section",
        element("h2", section.title, id=head),
        *(_block(block) for block in section.blocks),
        id=section.name, aria_labelledby=head,
    )  # fmt: skip


def _block(block: Block) -> Markup:
    match block:
        case str():
            return element("p", block) if block else NOTHING
        case Heading():
            return element("h3", block.title)
        case Tiles():
            return _tiles(block)
        case Action():
            return _action(block)
        case Table():
            return _scrolling(block)
        case Figure():
            return _figure(block)


def _tiles(tiles: Tiles) -> Markup:
    return element(
        "ul",
        *(
            element(
                "li",
                element("span", of, class_="of"),
                element("strong", number),
                element("span", beside, class_="aside"),
            )
            for of, number, beside in tiles.entries
        ),
        class_="tiles",
    )


def _action(action: Action) -> Markup:
    return element(
        "div",
        element("h4", action.title),
        element("p", action.facts, class_="quiet"),
        element("p", action.advice),
        element("code", action.command),
        class_="action",
    )


def _figure(figure: Figure) -> Markup:
    chart, numbers = figure.chart, gettext("Numbers: {title}", title=figure.chart.title)
    drawings = (element("div", chart.draw(width), class_=name) for name, width in (("wide", WIDE), ("narrow", NARROW)))
    return element(
        "figure",
        element("figcaption", chart.title),
        *drawings,
        _reader(chart) if figure.cursor else NOTHING,
        element("p", figure.note, class_="quiet") if figure.note else NOTHING,
        element("details", element("summary", numbers), _scrolling(figure.table)),
        id=f"figure-{chart.name}", data_cursor=figure.cursor,
    )  # fmt: skip


def _reader(chart: Chart) -> Markup:
    """What the script shows: a slider along the curve, and what it says there."""
    name = f"reader-{chart.name}"
    return element(
        "div",
        element("label", gettext("Read the curve"), for_=name),
        element("input", type="range", id=name, min=0, max=1, step=1, value=0),
        element("output", for_=name),
        class_="reader", hidden=True,
    )  # fmt: skip


def _scrolling(table: Table) -> Markup:
    """A table that scrolls within itself where it is wider or longer than there is room for."""
    return element("div", _table(table), class_="scroll", tabindex=0, role="region", aria_label=table.caption)


def _table(table: Table) -> Markup:
    head = (
        element("th", column.title, scope="col", class_="text" if column.kind == "text" else None)
        for column in table.columns
    )
    n_rows = max((len(column.values) for column in table.columns), default=0)
    rows = (
        element("tr", *(_cell(column, column.values[i], j == 0) for j, column in enumerate(table.columns)))
        for i in range(n_rows)
    )
    return element(
        "table",
        element("caption", table.caption),
        element("thead", element("tr", *head)),
        element("tbody", *rows),
    )


def _cell(column: Column, value: Value, is_name: bool) -> Markup:
    """A cell: the number as it is read, and as `data-value` the number itself."""
    name, scope = ("th", "row") if is_name else ("td", None)
    if column.kind == "text":
        return element(name, UNKNOWN if value is None else str(value), class_="text", scope=scope)
    return element(name, SHOWN[column.kind](value), scope=scope, data_value="" if value is None else repr(value))
