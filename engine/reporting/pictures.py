"""The charts of a report one by one, as SVG and PNG: for slides, and for notebooks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from whalecurve.engine.errors import InputError, listed, setting
from whalecurve.engine.publication import check_file, publish_file
from whalecurve.engine.reporting.style import FONTS

Kind = Literal["svg", "png"]
KINDS: tuple[Kind, ...] = ("svg", "png")

SCALE = 2.0
"""Pixels of a PNG for one of the SVG: a chart is then some 1,500 wide."""

BUNDLED = '"Liberation Sans"'
"""A font that comes with what draws PNG, so that they are the same wherever they are drawn."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Picture:
    """A chart of a report.

    name : as the file of the chart is called, without its ending
    svg : the chart as an SVG file
    """

    name: str
    svg: str

    def png(self) -> bytes:
        """The chart as a PNG file.

        Raises
        ------
        InputError
            The package that draws it is not installed.
        """
        try:
            import vl_convert
        except ImportError:
            raise InputError(
                'PNG needs the package vl-convert-python; install it with pip install "whalecurve[png]"'
            ) from None
        drawn: bytes = vl_convert.svg_to_png(self.svg.replace(FONTS, BUNDLED), scale=SCALE)
        return drawn

    def written(self, kind: Kind) -> bytes:
        """The chart as a file of a kind."""
        return self.svg.encode() if kind == "svg" else self.png()

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the chart as SVG or PNG, by the ending of the path.

        Raises
        ------
        InputError
            Another ending; a file that there is already, and `overwrite` is not given; a place that cannot be written.
        """
        target = Path(path)
        ending = target.suffix.lower()
        if ending not in (".svg", ".png"):
            raise InputError(f"{target}: charts are written as .svg or .png; name a file with one of these endings")
        check_file(target, "path", overwrite=overwrite)
        publish_file(target, self.written("png" if ending == ".png" else "svg"), "path")

    def _repr_svg_(self) -> str:
        return self.svg[self.svg.index("<svg") :]

    def __repr__(self) -> str:
        return f"<Picture {self.name}>"


class Plots:
    """The charts of a report by name, each a function without arguments: `plots.whale_curve()`."""

    def __init__(self, charts: Mapping[str, str]) -> None:
        self._charts = {name.replace("-", "_"): name for name in charts}
        self._svg = charts

    def __getattr__(self, name: str) -> Callable[[], Picture]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._charts:
            raise AttributeError(f"the report has no chart {name}; there are {listed(list(self._charts))}")
        chart = self._charts[name]
        return partial(Picture, name=chart, svg=self._svg[chart])

    def __dir__(self) -> list[str]:
        return sorted(self._charts)

    def __repr__(self) -> str:
        return f"<Plots {listed(sorted(self._charts))}>"


def check_kind(kind: str) -> Kind:
    """Raise InputError for another kind of picture than there is."""
    if kind not in KINDS:
        raise InputError(f'{setting("figures_as")} "{kind}" is unknown; choose {" or ".join(KINDS)}')
    return kind
