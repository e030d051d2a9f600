"""A page of HTML taken apart, for tests: its tables as rows, its texts, its links, what it would load."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "col", "hr", "input", "link", "meta"}


@dataclass
class Cell:
    """What is shown in a cell, and the number behind it; None for text and for a number that there is not."""

    shown: str = ""
    value: float | None = None


@dataclass
class Page(HTMLParser):
    """The page that was fed: elements in order as (name, attributes), tables by caption, texts by element name."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    tables: dict[str, list[dict[str, Cell]]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self._header, self._row, self._caption = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in VOID:
            return
        self.open.append(tag)
        self.texts.setdefault(tag, []).append("")
        if tag == "table":
            self._header, self._caption = [], ""
        elif tag == "tr":
            self._row = []
        elif tag in ("th", "td"):
            number = dict(attrs).get("data-value")
            self._row.append(Cell(value=float(number) if number else None))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes something else"
        if tag == "caption":
            self._caption = self.texts["caption"][-1]
            self.tables.setdefault(self._caption, [])
        elif tag == "tr" and not self._header:
            self._header = [cell.shown for cell in self._row]
        elif tag == "tr":
            self.tables[self._caption].append(dict(zip(self._header, self._row, strict=True)))

    def handle_data(self, data):
        for tag in self.open:
            self.texts[tag][-1] += data
        if self.open and self.open[-1] in ("th", "td"):
            self._row[-1].shown += data


def page_of(text):
    """The page; it must be one in which every element that is opened is closed."""
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == []
    return page
