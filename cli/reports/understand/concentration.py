"""Concentration of value, in words and tables."""

import math
from typing import TYPE_CHECKING, Any

from whalecurve.cli.reports.phrases import json_text, lines_read, notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, money, named, percent, table
from whalecurve.engine.paths import unfolded

if TYPE_CHECKING:
    from whalecurve.engine import Breakdown, Concentrated


def concentration_json(concentrated: "Concentrated", top: int) -> str:
    """All measures, curves and the best `top` members of each dimension as one JSON object."""
    record = concentrated.to_dict()
    for described, breakdown in zip(record["dimensions"], concentrated.breakdowns, strict=True):
        described["curves"] = breakdown.curves.drop("by").to_dict(as_series=False)
        described["top"] = [row | {"member": _plain(row["member"])} for row in breakdown.best(top)]
    record["out"] = None if concentrated.out is None else unfolded(concentrated.out)
    return json_text(record)


def _plain(member: object) -> object:
    """A member as JSON has it."""
    if isinstance(member, bytes):
        return member.hex()
    if isinstance(member, float):
        return member if math.isfinite(member) else str(member)
    return member if member is None or isinstance(member, bool | int | str) else str(member)


def concentration_text(concentrated: "Concentrated", top: int) -> str:
    """Of each dimension its measures and its best `top` members."""
    blocks = []
    for described, breakdown in zip(concentrated.to_dict()["dimensions"], concentrated.breakdowns, strict=True):
        blocks += [
            _headline(described, concentrated.value),
            _measures(described),
            _best(breakdown, top),
            _notes(described),
        ]
    return paragraphs([*blocks, written_to(concentrated.out)])


def _headline(described: dict[str, Any], value: str) -> str:
    rows, shares, by = described["rows"], described["populations"]["all"], described["by"]
    lines = [
        f"by {by}: {count(shares['n_members'], 'member')}, {value} {money(shares['total'])}, "
        f"{described['first_day']} to {described['last_day']}",
        lines_read(rows, n_without_customer=described["lines_without_customer"]),
    ]
    if shares["top_20_share"] is not None:
        lines.append(
            f"the top 20% account for {percent(shares['top_20_share'])}; "
            f"{shares['n_for_80']:,} ({percent(shares['for_80_members_share'])}) account for 80%"
        )
        classes = ", ".join(f"{name} {n:,}" for name, n in described["pareto_classes"].items())
        lines.append(f"Pareto classes: {classes}")
    return "\n".join(lines)


def _measures(described: dict[str, Any]) -> str:
    """A column for each population; measures that none of them has are left out."""
    populations = described["populations"]
    columns = [_cells(population) for population in populations.values()]
    rows = [[name, *(cells[name] for cells in columns)] for name in columns[0]]
    defined = [row for row in rows if set(row[1:]) != {"-"}]
    return table(["measure", *populations], defined, right=range(1, len(populations) + 1))


def _cells(population: dict[str, Any]) -> dict[str, str]:
    """Every measure of a population, as it is printed."""
    more = population["appendix"]
    return {
        "members": f"{population['n_members']:,}",
        "of them with a loss": f"{population['n_loss_makers']:,}",
        "total": money(population["total"]),
        "gains": money(population["total_positive"]),
        "losses": money(population["total_negative"]),
        **{f"whale curve: best {n}%": percent(population[f"top_{n}_share"]) for n in (1, 5, 10, 20)},
        "peak": percent(population["peak_share"]),
        "reached by the best": percent(population["peak_members_share"]),
        "drag": percent(population["drag_share"]),
        "members for 80%": _of(population["n_for_80"], population["for_80_members_share"]),
        "members for 80% of the peak": _of(population["n_for_80_of_peak"], population["for_80_of_peak_members_share"]),
        "Gini": _three_digits(population["gini"] if population["gini_kind"] == "classic" else None),
        "Gini, normalised": _three_digits(population["gini"] if population["gini_kind"] == "normalised" else None),
        "HHI": _three_digits(more["hhi"]),
        "effective number": _three_digits(more["effective_number"]),
        "Theil T": _three_digits(more["theil"]),
        "between RFM segments": _three_digits(more["theil_between"]),
        "within RFM segments": _three_digits(more["theil_within"]),
        "Hoover": _three_digits(more["hoover"]),
        "Palma": _three_digits(more["palma"]),
        "Pareto tail exponent": _three_digits(more["tail_exponent"]),
        "its standard error": _three_digits(more["tail_standard_error"]),
    }


def _of(n: int | None, share: float | None) -> str:
    return "-" if n is None else f"{n:,} ({percent(share)})"


def _three_digits(value: float | None) -> str:
    """Three digits behind the point, or three that count where it is small."""
    if value is None:
        return "-"
    return f"{value:,.3f}" if abs(value) >= 0.1 or value == 0.0 else f"{value:.3g}"


def _best(breakdown: "Breakdown", top: int) -> str:
    """The best members, and what is between them and the end of the curve."""
    if top == 0:
        return ""
    sums = [name for name in ("revenue", "margin") if name in breakdown.members.columns]
    rows = [
        [
            f"{row['value_rank']:,}",
            named(_plain(row["member"])),
            f"{row['n_lines']:,}",
            f"{row['n_customers']:,}",
            *(money(row[name]) for name in sums),
            percent(row["value_share"]),
            percent(row["cumulative_value_share"]),
            row["pareto_class"] or "-",
        ]
        for row in breakdown.best(top)
    ]
    header = ["rank", breakdown.by, "lines", "customers", *sums, "share", "cumulative", "class"]
    return table(header, rows, right=(0, *range(2, len(header) - 1)))


def _notes(described: dict[str, Any]) -> str:
    told = list(described["warnings"])
    for name, population in described["populations"].items():
        why = population["appendix"]["undefined"]
        if why:
            told.append(f"{name}: {why}, so there are no shares of a whole, and no HHI, Theil, Hoover or Palma")
        why = population["appendix"]["tail_undefined"]
        if why:
            told.append(f"{name}: {why}, so there is no tail exponent")
    return notes(told)
