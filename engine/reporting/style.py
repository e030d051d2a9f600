"""How a report looks: colours of both themes, text that is read on a screen, a phone and paper.

Colours are variables, so that a theme is a list of them; the files of charts, which other programs show, have the
light ones written in. A scale of shades goes from the ground to the strongest colour, in both themes, and the text on
each shade is black or white, whichever is read more easily.
"""

import re
from collections.abc import Iterable

LEVELS = 9
LIGHT = {
    "paper": "#ffffff",
    "card": "#f4f6f8",
    "ink": "#1b2530",
    "quiet": "#525d69",
    "grid": "#dde3e8",
    "zero": "#8a96a2",
    "first": "#1a66a6",
    "second": "#b04a16",
    "loss": "#b3261e",
    "link": "#155a94",
}
DARK = {
    "paper": "#11171e",
    "card": "#1b242e",
    "ink": "#e8edf2",
    "quiet": "#a9b5c1",
    "grid": "#2b3743",
    "zero": "#7a8794",
    "first": "#6db3ea",
    "second": "#f0a36d",
    "loss": "#ff8a80",
    "link": "#8cc4f2",
}
RAMPS = {"light": ("#eaf2f9", "#0c3f6d"), "dark": ("#1d2d3c", "#a8d5f7")}
"""Weakest and strongest shade of each theme."""

FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,sans-serif'
"""What stands for @fonts in the styles below: those of whoever reads."""

COLOUR = re.compile(r"\$(\w+)")
"""A colour of the theme, as the styles below name it."""

CHART = """
.chart text{font-family:@fonts;font-size:12.5px;fill:$ink}
.chart .small{font-size:11.5px}
.chart .tiny{font-size:10.5px}
.chart .tag{paint-order:stroke;stroke:$paper;stroke-width:4px;stroke-linejoin:round}
.chart .strong{font-weight:600}
.chart .quiet{fill:$quiet}
.chart .grid{stroke:$grid}
.chart .zero{stroke:$zero}
.chart .divider{stroke:$second;stroke-dasharray:3 3}
.chart .curve{fill:none;stroke-width:2.2;stroke-linejoin:round}
.chart .c0{stroke:$first}
.chart .c1{stroke:$second;stroke-dasharray:7 4}
.chart .mark{fill:$paper;stroke:$first;stroke-width:2}
.chart .bar{fill:$first}
.chart .b1{fill:$second}
.chart .loss{fill:$loss}
"""

PAGE = """
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:$paper;color:$ink}
body{font:16px/1.55 @fonts}
header,main,footer{max-width:50rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}
a{color:$link}
.skip{position:absolute;left:-999px}
.skip:focus{left:1rem;top:.5rem;background:$paper;padding:.5rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem;overflow-wrap:anywhere}
h2{font-size:1.35rem;line-height:1.25;margin:2.4rem 0 .6rem;padding-top:.8rem;border-top:1px solid $grid}
h3{font-size:1.08rem;margin:1.6rem 0 .4rem}
h4{font-size:1rem;margin:0;overflow-wrap:anywhere}
p{margin:.6rem 0;overflow-wrap:anywhere}
.quiet{color:$quiet;font-size:.9rem}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1rem;padding:0;margin:.8rem 0}
nav a{display:inline-block;padding:.3rem 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.7rem;margin:1rem 0}
.tiles{list-style:none;padding:0}
.tiles li{background:$card;border-radius:.5rem;padding:.7rem .9rem}
.tiles span,.tiles strong{display:block}
.tiles .of{color:$quiet;font-size:.9rem}
.tiles strong{font-size:1.5rem;font-weight:650;line-height:1.3;overflow-wrap:anywhere}
.tiles .aside{color:$quiet;font-size:.85rem;line-height:1.35}
figure{margin:1.2rem 0 1.6rem}
figcaption{font-weight:600;margin-bottom:.5rem}
.chart{display:block;width:100%;height:auto}
.narrow{display:none}
.reader{display:flex;flex-wrap:wrap;align-items:center;gap:.2rem .8rem;margin:.4rem 0}
.reader[hidden]{display:none}
.reader input{flex:1 1 14rem;min-width:0;accent-color:$first}
.reader output{flex:1 1 16rem;font-size:.95rem;min-height:1.5em}
details{margin:.5rem 0}
summary{cursor:pointer;color:$link;padding:.25rem 0}
.scroll{overflow-x:auto;max-height:26rem;overflow-y:auto;border:1px solid $grid;border-radius:.4rem}
table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.4rem .6rem;color:$quiet}
th,td{padding:.28rem .6rem;border-bottom:1px solid $grid;text-align:right;vertical-align:top;white-space:nowrap}
th{font-weight:600}
thead th{background:$card;position:sticky;top:0}
.text{text-align:left;white-space:normal;overflow-wrap:break-word;min-width:6rem}
.action{background:$card;border-radius:.5rem;padding:.7rem .9rem;margin:.7rem 0}
.action p{margin:.2rem 0}
code{display:block;font:.82rem/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{overflow-wrap:anywhere;white-space:pre-wrap;margin-top:.4rem;padding:.4rem .5rem}
code{background:$paper;border:1px solid $grid;border-radius:.3rem}
:focus-visible{outline:3px solid $first;outline-offset:2px}
footer{margin-top:2.5rem;padding-bottom:2rem}
@media screen and (max-width:36rem){.wide{display:none}.narrow{display:block}body{font-size:17px}}
@media screen and (max-width:36rem){.tiles strong{font-size:1.2rem}}
@media print{
@page{size:A4;margin:16mm 14mm}
body{font-size:10.5pt}
header,main,footer{max-width:none;padding:0}
nav,.skip,.reader,.cursor,figure details{display:none}
h2,h3,h4,figcaption{break-after:avoid}
figure,.action,.tiles,tr{break-inside:avoid}
.scroll{overflow:visible;max-height:none;border:0}
thead th{position:static}
a{color:inherit;text-decoration:none}
.tiles li,.action,thead th,rect{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
"""


def page_style() -> str:
    """The style of a page, of both themes; paper has the light one."""
    return (
        f":root{{{_variables(LIGHT)}}}\n{_levels('light')}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}\n{_levels('dark')}}}\n"
        f"{_coloured(CHART)}\n{_coloured(PAGE)}\n"
    )


def chart_style() -> str:
    """The style of a chart that stands alone, with the light colours in place of their variables."""
    chart = COLOUR.sub(lambda name: LIGHT[name[1]], CHART.strip())
    return f"{_with_fonts(chart)}\n{_levels('light')}\n"


def shades(theme: str) -> list[tuple[str, str]]:
    """The colour of each level and that of the text on it."""
    weak, strong = (_channels(colour) for colour in RAMPS[theme])
    grounds = [
        _colour(a + (b - a) * level / (LEVELS - 1) for a, b in zip(weak, strong, strict=True))
        for level in range(LEVELS)
    ]
    return [(ground, max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, ground))) for ground in grounds]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21.

    Source: Web Content Accessibility Guidelines 2.2, contrast ratio and relative luminance.
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if (c := part / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for part in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _colour(channels: Iterable[float]) -> str:
    return "#" + "".join(f"{round(channel):02x}" for channel in channels)


def _coloured(style: str) -> str:
    """A style with variables for its colours."""
    return _with_fonts(COLOUR.sub(r"var(--\1)", style.strip()))


def _with_fonts(style: str) -> str:
    return style.replace("@fonts", FONTS)


def _variables(theme: dict[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in theme.items())


def _levels(theme: str) -> str:
    return "\n".join(
        f".chart .h{level} rect{{fill:{ground}}}.chart .h{level} text{{fill:{ink}}}"
        for level, (ground, ink) in enumerate(shades(theme))
    )
