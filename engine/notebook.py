"""How results show themselves: in one line at a prompt, as a small table in a notebook."""

import html
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path

ROW = '<tr><th scope="row" style="text-align: left">{}</th><td style="text-align: left">{}</td></tr>'


class Displayed:
    """A result that tells its main facts, and not its tables, wherever Python shows it."""

    __slots__ = ()

    def facts(self) -> Mapping[str, object]:
        """The main facts by name, in order; None for one that there is not."""
        raise NotImplementedError

    def __repr__(self) -> str:
        told = (f"{name}: {written(value)}" for name, value in self.facts().items() if value is not None)
        return f"<{type(self).__name__} {', '.join(told)}>"

    def _repr_html_(self) -> str:
        rows = [
            ROW.format(html.escape(name), html.escape(written(value)))
            for name, value in self.facts().items()
            if value is not None
        ]
        return f"<table><caption>{type(self).__name__}</caption><tbody>{''.join(rows)}</tbody></table>"


def written(value: object) -> str:
    """A fact as people read it: thousands apart, money to the cent, days as 2025-06-30."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) >= 1.0 or value == 0.0 else f"{value:.4g}" if math.isfinite(value) else "-"
    if isinstance(value, str | date | Path):
        return str(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(written, value)) or "none"
    return str(value)
