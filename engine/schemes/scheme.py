"""Segment schemes: TOML files that name the cells of the R x F x M cube and of the risk x value matrix.

A scheme has `name`, `description`, `bins`, a list of `[[segment]]` tables, each with `name`,
`action` and ranges `r`, `f`, `m` ("4", or "[4, 5]" with both ends included; a range left out
takes every score), and `[matrix.retain]`, `[matrix.divest]`, `[matrix.grow]`,
`[matrix.maintain]`, each with `name` and `action`. The first segment that matches wins. A
scheme that leaves a cell unnamed, or names a segment that no cell can reach, is refused.
A segment may have a condition, `where`, beside its ranges: it takes those whom it fits. As
anybody may fit none, all cells need segments without one.
`[clv_tiers]`, `[lifecycle]` and `[loyalty]` may follow: see `tiers`; and `[next_best_action]`: see `precedence`, and
`[quality]`: see `quality`.
"""

import difflib
import itertools
import tomllib
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.paths import read_text
from whalecurve.engine.schemes.precedence import KEY as NEXT_BEST_ACTION
from whalecurve.engine.schemes.precedence import USUAL, check_precedence, read_precedence
from whalecurve.engine.schemes.quality import KEY as QUALITY
from whalecurve.engine.schemes.quality import QualityRules, read_quality
from whalecurve.engine.schemes.rescaling import Cell, score_map_of, span_within
from whalecurve.engine.schemes.tier_rules import (
    CLV_TIERS,
    STAGES,
    ClvTiers,
    Label,
    Lifecycle,
    Loyalty,
    LoyaltyTier,
    check_tiers,
    numbers_in,
    read_clv_tiers,
    read_lifecycle,
    read_loyalty,
)
from whalecurve.engine.schemes.toml_tables import Table, check_keys, check_names, text_of
from whalecurve.engine.settings import MAX_BINS, MIN_BINS
from whalecurve.engine.titles import MATRIX_CELLS

TIERS = ("clv_tiers", "lifecycle", "loyalty")
LEAST_BINS = 3
"""Scores that a preset can be read for; two make four cells of R and F."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One rule of a scheme: three ranges of scores, both ends included, and a condition or None.

    The condition is an SQL expression over scores (r, f, m), numbers of customers, and attributes.
    """

    name: str
    r: tuple[int, int]
    f: tuple[int, int]
    m: tuple[int, int]
    action: str
    where: str | None = None

    def takes(self, cell: Cell) -> bool:
        """Tell whether a cell (r, f, m) lies inside all three ranges, whatever the condition."""
        ranges = (self.r, self.f, self.m)
        return all(low <= score <= high for score, (low, high) in zip(cell, ranges, strict=True))


Part = Segment | Label | LoyaltyTier
"""What has a name and an action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A checked segment scheme. Every cell of the cube belongs to one segment, every segment has a cell."""

    name: str
    description: str
    bins: int
    segments: tuple[Segment, ...]
    retain: Label
    """High risk, high value."""
    divest: Label
    """High risk, low value."""
    grow: Label
    """Low risk, high value."""
    maintain: Label
    """Low risk, low value."""
    clv_tiers: ClvTiers
    lifecycle: Lifecycle
    loyalty: Loyalty
    source: str
    """Where the scheme was read, for messages."""
    left_out: tuple[str, ...] = ()
    """Segments of a preset that the number of scores leaves without a cell."""
    precedence: tuple[str, ...] = USUAL
    """Steps to the next best action, the first that applies to a customer counting: see `precedence`."""
    quality: QualityRules = field(default_factory=QualityRules)
    """When a segment is worth a word; it decides nothing about a customer."""

    def __post_init__(self) -> None:
        if not MIN_BINS <= self.bins <= MAX_BINS:
            raise InputError(f"{self.source}: bins is {self.bins}; choose {MIN_BINS} to {MAX_BINS}")
        check_names((segment.name for segment in self.segments), self.source, "segments")
        check_names((cell.name for cell in self.matrix), self.source, "matrix cells")
        for segment in self.segments:
            _check_ranges(segment, self)
        _check_coverage(self)
        check_tiers(self.clv_tiers, self.lifecycle, self.loyalty, self.source)
        keys = {division: list(parts) for division, parts in self._parts.items()}
        check_precedence(self.precedence, keys, self.source)

    @property
    def matrix(self) -> tuple[Label, Label, Label, Label]:
        """The four cells in the order of `MATRIX_CELLS`."""
        return (self.retain, self.divest, self.grow, self.maintain)

    @property
    def steps(self) -> tuple[tuple[str, tuple[Part, ...]], ...]:
        """Each step of the precedence as its division and those parts of it whose action counts there."""
        steps = []
        for step in self.precedence:
            division, _, key = step.partition(".")
            parts = self._parts[division]
            steps.append((division, (parts[key],) if key else tuple(parts.values())))
        return tuple(steps)

    @property
    def _parts(self) -> dict[str, dict[str, Part]]:
        """The parts of each division by their key in the file, or their name where they have none."""
        return {
            "segment": {segment.name: segment for segment in self.segments},
            "matrix": dict(zip(MATRIX_CELLS, self.matrix, strict=True)),
            "clv_tier": dict(zip(CLV_TIERS, self.clv_tiers.labels, strict=True)),
            "lifecycle": dict(zip(STAGES, self.lifecycle.labels, strict=True)),
            "loyalty": {tier.name: tier for tier in self.loyalty.labels},
        }

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All bins ** 3 cells (r, f, m), m running fastest."""
        scores = range(1, self.bins + 1)
        return tuple(itertools.product(scores, scores, scores))

    @property
    def rules(self) -> dict[str, dict[str, Any]]:
        """What decides who is where, as plain data: ranges of scores, shares, points of the rhythm, amounts."""
        return {
            "segments": {
                s.name: {"r": list(s.r), "f": list(s.f), "m": list(s.m)} | ({"where": s.where} if s.where else {})
                for s in self.segments
            },
            "clv_tiers": numbers_in(self.clv_tiers),
            "lifecycle": numbers_in(self.lifecycle),
            "loyalty": {tier.name: numbers_in(tier) for tier in self.loyalty.labels},
        }

    def segment_of(self, cell: Cell) -> Segment | None:
        """Return the first segment without a condition that takes the cell."""
        return next((one for one in self.segments if one.where is None and one.takes(cell)), None)


def presets() -> list[str]:
    """Names of the schemes that come with the package."""
    files = resources.files("whalecurve.engine.schemes").joinpath("presets").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def load_scheme(name_or_path: str | Path, *, bins: int | None = None) -> Scheme:
    """Read a preset by name, or a TOML file by its path, and check it.

    A word without ".toml" and without a directory is a preset's name. With `bins` given, a preset is read for
    so many scores, see `rescaling`, and a scheme of the user's for another number is refused. Raises InputError.
    """
    text, source, is_preset = _read(name_or_path)
    scheme = _parse(text, source)
    if bins is None or bins == scheme.bins:
        return scheme
    if is_preset and bins >= LEAST_BINS:
        return _rescaled(scheme, bins)
    raise InputError(
        f"{source}: the scheme is for {scheme.bins} scores and {setting('rfm_bins')} is {bins}; "
        f"pass {setting('rfm_bins', scheme.bins)}, or with {setting('segments')} a scheme written for {bins}"
    )


def _rescaled(scheme: Scheme, bins: int) -> Scheme:
    """A checked scheme for another number of scores, without the segments that these cannot tell apart."""
    owners = {cell: owner.name for cell in scheme.cells if (owner := scheme.segment_of(cell)) is not None}
    reading = score_map_of(bins, scheme.bins, owners.__getitem__)
    stands_for = set(reading)
    reached = {owners[cell] for cell in itertools.product(stands_for, stands_for, stands_for)}
    segments = []
    for segment in scheme.segments:
        r, f, m = (span_within(span, reading) for span in (segment.r, segment.f, segment.m))
        if segment.name in reached and r and f and m:
            segments.append(replace(segment, r=r, f=f, m=m))
    left_out = tuple(segment.name for segment in scheme.segments if segment.name not in reached)
    return replace(scheme, bins=bins, segments=tuple(segments), left_out=left_out)


def _read(name_or_path: str | Path) -> tuple[str, str, bool]:
    """Text of a scheme, where it comes from, and whether it is a preset."""
    path = Path(name_or_path)
    if isinstance(name_or_path, Path) or path.suffix == ".toml" or path.name != name_or_path:
        try:
            return read_text(path, "pass a TOML file or a preset"), str(path), False
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: byte {error.start} is not UTF-8; save the scheme as UTF-8 text") from error
    if name_or_path not in presets():
        close = difflib.get_close_matches(name_or_path.casefold(), presets(), n=1, cutoff=0.5)
        hint = f'did you mean "{close[0]}"? Name' if close else "name"
        raise InputError(
            f'{setting("segments")} "{name_or_path}": no such preset; choose one of {", ".join(presets())}; {hint} one '
            f"of them, or a TOML file of your own by a path that ends in .toml"
        )
    preset = resources.files("whalecurve.engine.schemes").joinpath("presets", f"{name_or_path}.toml")
    return preset.read_text(encoding="utf-8"), f"preset {name_or_path}", True


def _parse(text: str, source: str) -> Scheme:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{source}: not valid TOML: {error}") from error
    check_keys(
        table,
        source,
        required=("name", "description", "bins", "segment", "matrix"),
        optional=(*TIERS, NEXT_BEST_ACTION, QUALITY),
    )
    bins = table["bins"]
    if type(bins) is not int:
        raise InputError(f"{source}: bins is {bins!r}, expected a whole number such as 5")
    rules, matrix = table["segment"], table["matrix"]
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise InputError(f"{source}: segment is not a list of tables; begin each segment with [[segment]]")
    if not isinstance(matrix, dict):
        raise InputError(f"{source}: matrix is not a table; write [matrix.retain] and so on")
    check_keys(matrix, f"{source}: matrix", required=MATRIX_CELLS)
    return Scheme(
        name=text_of(table, "name", source),
        description=text_of(table, "description", source),
        bins=bins,
        segments=tuple(_segment(rule, bins, f"{source}: segment {i}") for i, rule in enumerate(rules, start=1)),
        clv_tiers=read_clv_tiers(table, source),
        lifecycle=read_lifecycle(table, source),
        loyalty=read_loyalty(table, source),
        precedence=read_precedence(table, source),
        quality=read_quality(table, source),
        source=source,
        retain=_matrix_cell(matrix, "retain", source),
        divest=_matrix_cell(matrix, "divest", source),
        grow=_matrix_cell(matrix, "grow", source),
        maintain=_matrix_cell(matrix, "maintain", source),
    )


def _segment(rule: Table, bins: int, where: str) -> Segment:
    where = f'{where} "{rule["name"]}"' if "name" in rule else where
    check_keys(rule, where, required=("name", "action"), optional=("r", "f", "m", "where"))
    r, f, m = (_range(rule.get(axis, [1, bins]), f"{where}: {axis}") for axis in ("r", "f", "m"))
    condition = text_of(rule, "where", where) if "where" in rule else None
    return Segment(
        name=text_of(rule, "name", where), r=r, f=f, m=m, action=text_of(rule, "action", where), where=condition
    )


def _matrix_cell(matrix: Table, name: str, source: str) -> Label:
    cell, where = matrix[name], f"{source}: matrix.{name}"
    if not isinstance(cell, dict):
        raise InputError(f"{where} is not a table; give it a name and an action")
    check_keys(cell, where, required=("name", "action"))
    return Label(name=text_of(cell, "name", where), action=text_of(cell, "action", where))


def _range(bounds: object, where: str) -> tuple[int, int]:
    low, high = bounds if isinstance(bounds, list) and len(bounds) == 2 else (bounds, bounds)
    if type(low) is not int or type(high) is not int:
        raise InputError(f"{where} is {bounds!r}, expected a score such as 5 or a range such as [4, 5]")
    return low, high


def _check_ranges(segment: Segment, scheme: Scheme) -> None:
    for axis, (low, high) in (("r", segment.r), ("f", segment.f), ("m", segment.m)):
        if not 1 <= low <= high <= scheme.bins:
            raise InputError(
                f'{scheme.source}: segment "{segment.name}" has {axis} from {low} to {high}; '
                f"scores run from 1 to {scheme.bins}, the lower end first"
            )


def _check_coverage(scheme: Scheme) -> None:
    owners = {cell: scheme.segment_of(cell) for cell in scheme.cells}
    uncovered = [cell for cell, owner in owners.items() if owner is None]
    if uncovered:
        r, f, m = uncovered[0]
        has_conditions = any(segment.where is not None for segment in scheme.segments)
        advice = "end with one that has no where" if has_conditions else "widen a range or add a segment"
        raise InputError(
            f"{scheme.source}: no segment {'without a condition ' if has_conditions else ''}takes the cell r {r}, "
            f"f {f}, m {m} ({len(uncovered)} of {len(owners)} cells are left out); {advice}"
        )
    taken: set[Cell] = set()
    for position, segment in enumerate(scheme.segments, start=1):
        left = {cell for cell in scheme.cells if segment.takes(cell)} - taken
        if not left:
            raise InputError(
                f'{scheme.source}: no cell reaches segment "{segment.name}" (number {position}), segments before it '
                f"take all of r {_span(segment.r)}, f {_span(segment.f)}, m {_span(segment.m)}; move it up or remove it"
            )
        taken |= left if segment.where is None else set()


def _span(scores: tuple[int, int]) -> str:
    low, high = scores
    return f"{low}" if low == high else f"{low}-{high}"
