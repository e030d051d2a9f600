"""HTML and SVG as text that cannot be broken out of: whatever is not markup already is escaped as it goes in."""

import re
from html import escape

FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What may not stand in XML 1.0, or should not, as it steers a terminal."""

VOID = frozenset({"br", "col", "hr", "input", "link", "meta"})
"""HTML elements that have no end tag."""


class Markup(str):
    """Text that is markup. Made by `element` and `joined` alone, so that no other text is taken for it."""

    __slots__ = ()


NOTHING = Markup("")


def joined(*parts: str) -> Markup:
    """Parts one after the other: markup as it is, other text escaped."""
    return Markup("".join(part if isinstance(part, Markup) else _escaped(part) for part in parts))


def element(name: str, /, *children: str, **attributes: object) -> Markup:
    """An element, as HTML and XML both read it.

    Parameters
    ----------
    name
        Of the element; a constant of this program, never data.
    children
        Markup, or text, which is escaped.
    attributes
        Values, which are escaped. `class_` is `class`, other underscores are hyphens; None and False leave an
        attribute out, True gives it its own name as the value. Floats are written to the hundredth.
    """
    written = "".join(
        f' {key}="{_escaped(_value(key, value))}"'
        for key, value in ((_attribute(key), value) for key, value in attributes.items())
        if value is not None and value is not False
    )
    if name in VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{joined(*children)}</{name}>")


def coordinate(number: float) -> str:
    """A number of an attribute, to the hundredth and without what does not count."""
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _value(key: str, value: object) -> str:
    if value is True:
        return key
    return coordinate(value) if isinstance(value, float) else str(value)


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-") if key not in ("viewBox",) else key


def _escaped(text: str) -> str:
    """Text as HTML and XML both read it: control characters, which XML does not allow, are shown by a sign for them."""
    return escape(FORBIDDEN.sub("\ufffd", text), quote=True)
