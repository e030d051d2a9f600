"""What offers are known, or stated, to bring: a TOML file of responses, with how sure they are.

An `[[offer]]` has a name, a cost for each customer who is contacted, the segments that it is for (all, where none are
named), and one of

    response = 0.04     the share of the value at stake that a contact keeps, beyond what would have stayed anyway
    effect = 1.20       incremental margin of a customer who is contacted, before the cost
    readout = "read"    the effects by segment that `whalecurve experiment read` wrote there, of one `arm` and `metric`

with `low` and `high`, bounds of 95 %, or `error`, a standard error, for the first two. `most` and `share` limit how
many customers get the offer, altogether and of each segment; `[limits]` does so for all offers together.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.errors import InputError, listed, reason
from whalecurve.engine.paths import read_text
from whalecurve.engine.schemes import check_keys, number_of, text_of
from whalecurve.engine.segments import named
from whalecurve.engine.statistics import NORMAL_975

KINDS = ("response", "effect", "readout")
LIMITED = ("most", "share")
PAID = ("margin", "revenue")
"""Metrics of experiments whose effect is money."""
EFFECTS = "effects.parquet"
NEEDED = ("metric", "arm", "segment", "effect", "standard_error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What an offer brings in some segments: one number, known as well for all of them.

    offer : its name; cost : of a contact
    segments : that it is for
    per_stake : whether the estimate is a share of the value at stake, or else money a customer
    error : standard error; None where it is not said
    most, share : most customers of this offer, and share of a segment's; None for no limit
    source : where the estimate is from
    """

    offer: str
    cost: float
    segments: tuple[str, ...]
    per_stake: bool
    estimate: float
    error: float | None
    most: int | None
    share: float | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    """All that a file says.

    most : most customers who are contacted; share : most of each segment; None for no limit
    """

    place: str
    offers: tuple[Response, ...]
    most: int | None
    share: float | None


def read_responses(path: str | Path, segments: Sequence[str]) -> Responses:
    """Read the file.

    Parameters
    ----------
    segments
        Those that there are.

    Raises
    ------
    InputError
        A file that is none, says nothing of any response, or says something that cannot be; one line that says where.
    """
    place = str(path)
    try:
        table = tomllib.loads(read_text(path, "state there what offers bring"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{place}: no TOML ({reason(error)}); write an [[offer]] with a name, a cost and a response"
                         ) from error  # fmt: skip
    check_keys(table, place, optional=("offer", "limits"))
    given = table.get("offer", [])
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise InputError(
            f"{place}: no [[offer]]; a budget is not spread without a response that is known or stated: write an "
            f"[[offer]] with a name, a cost and a response"
        )
    found = [one for at, offer in enumerate(given, 1) for one in _offers(offer, f"{place}: offer {at}", segments, path)]
    _check_once(place, found)
    limits = table.get("limits", {})
    if not isinstance(limits, dict):
        raise InputError(f"{place}: limits is not a table; write [limits]")
    check_keys(limits, f"{place}: limits", optional=LIMITED)
    most, share = _limits(limits, f"{place}: limits")
    return Responses(place=place, offers=tuple(found), most=most, share=share)


def _offers(offer: Mapping[str, Any], where: str, segments: Sequence[str], path: str | Path) -> list[Response]:
    check_keys(
        offer,
        where,
        required=("name", "cost"),
        optional=("segments", *KINDS, "low", "high", "error", "arm", "metric", *LIMITED),
    )
    name, cost = text_of(offer, "name", where), number_of(offer, "cost", where, "money, as 0.8")
    where = f'{where} "{name}"'
    if cost < 0.0:
        raise InputError(f"{where}: cost is {cost:g}; a contact costs nothing or more")
    kinds = [kind for kind in KINDS if kind in offer]
    if not kinds:
        raise InputError(
            f"{where}: no response, and none is made up; state one of {', '.join(KINDS)}, or leave the offer out"
        )
    if len(kinds) > 1:
        raise InputError(f"{where}: {' and '.join(kinds)} are both given; give one of them")
    wanted = _segments(offer, where, segments)
    most, share = _limits(offer, where)
    if kinds == ["readout"]:
        effects = _read_out(offer, where, path, wanted)
    else:
        for key in ("arm", "metric"):
            if key in offer:
                raise InputError(f"{where}: {key} goes with a readout; leave it out")
        effects = [(wanted, number_of(offer, kinds[0], where, "a number, as 0.04"), _error(offer, kinds[0], where))]
    return [
        Response(
            offer=name,
            cost=cost,
            segments=tuple(names),
            per_stake=kinds == ["response"],
            estimate=estimate,
            error=error,
            most=most,
            share=share,
            source="experiment" if kinds == ["readout"] else "stated",
        )
        for names, estimate, error in effects
    ]


def _segments(offer: Mapping[str, Any], where: str, segments: Sequence[str]) -> list[str]:
    given = offer.get("segments", list(segments))
    if not isinstance(given, list) or not given or not all(isinstance(name, str) for name in given):
        raise InputError(f'{where}: segments is {given!r}, expected a list of names, as ["At risk"]')
    wanted = {named(name, segments, f"{where}: segments") for name in given}
    return [name for name in segments if name in wanted]


def _limits(table: Mapping[str, Any], where: str) -> tuple[int | None, float | None]:
    most, share = table.get("most"), table.get("share")
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 0):
        raise InputError(f"{where}: most is {most!r}, expected a number of customers, as 5000")
    if share is not None and not 0.0 <= number_of(table, "share", where, "a share, as 0.5") <= 1.0:
        raise InputError(f"{where}: share is {share:g}, expected one between 0 and 1")
    return most, None if share is None else float(share)


def _error(offer: Mapping[str, Any], kind: str, where: str) -> float | None:
    """The standard error; bounds are taken for those of a normal distribution."""
    if "error" in offer:
        if "low" in offer or "high" in offer:
            raise InputError(f"{where}: error and bounds are both given; give low and high, or error")
        error = number_of(offer, "error", where, "a standard error, as 0.01")
        if error < 0.0:
            raise InputError(f"{where}: error is {error:g}; a standard error is nothing or more")
        return error
    bounds = [key for key in ("low", "high") if key in offer]
    if not bounds:
        return None
    if len(bounds) == 1:
        raise InputError(f"{where}: {bounds[0]} without its other end; give low and high")
    low, high = (number_of(offer, key, where, "a number, as 0.04") for key in ("low", "high"))
    if not low <= float(offer[kind]) <= high:
        raise InputError(f"{where}: {kind} is {float(offer[kind]):g}, not between low {low:g} and high {high:g}")
    return (high - low) / (2.0 * NORMAL_975)


def _read_out(
    offer: Mapping[str, Any], where: str, path: str | Path, wanted: Sequence[str]
) -> list[tuple[list[str], float, float | None]]:
    """Effects of an experiment: those of the segments that it has, else that of all customers for all of them."""
    for key in ("low", "high", "error"):
        if key in offer:
            raise InputError(f"{where}: {key} is in the readout; leave it out")
    folder = Path(path).parent / text_of(offer, "readout", where)
    rows = _effects(folder / EFFECTS, where)
    for key in ("arm", "metric"):
        there = sorted(rows[key].drop_nulls().unique().to_list())
        if key not in offer and len(there) != 1:
            raise InputError(f"{where}: the readout has the {key}s {listed(there)}; name one with {key}")
        asked = text_of(offer, key, where) if key in offer else there[0]
        if asked not in there:
            raise InputError(f'{where}: the readout has no {key} "{asked}"; there are {listed(there)}')
        if key == "metric" and asked not in PAID:
            raise InputError(f"{where}: an effect on {asked} is no money; name a metric of {listed(PAID)}")
        rows = rows.filter(pl.col(key) == asked)
    by_segment = {
        segment: (effect, error)
        for segment, effect, error in rows.select("segment", "effect", "standard_error").iter_rows()
        if effect is not None and math.isfinite(effect)
    }
    found: list[tuple[list[str], float, float | None]] = [
        ([name], *by_segment[name]) for name in wanted if name in by_segment
    ]
    if not found and None in by_segment:
        found = [(list(wanted), *by_segment[None])]
    if not found:
        raise InputError(f"{where}: the readout has no effect in these segments; state a response instead")
    return found


def _effects(path: Path, where: str) -> pl.DataFrame:
    try:
        rows = pl.read_parquet(path, glob=False, hive_partitioning=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(
            f"{where}: {path}: cannot be read ({reason(error)}); name a directory that whalecurve experiment read wrote"
        ) from error
    missing = [name for name in NEEDED if name not in rows.columns]
    if missing:
        raise InputError(f"{where}: {path}: has no column {listed(missing)}; read the experiment again")
    return rows


def _check_once(place: str, found: Sequence[Response]) -> None:
    seen: set[tuple[str, str]] = set()
    for one in found:
        for segment in one.segments:
            if (one.offer, segment) in seen:
                raise InputError(f'{place}: offer "{one.offer}" is given twice for {segment}; give it once')
            seen.add((one.offer, segment))
    limits: dict[str, int | None] = {}
    for one in found:
        if limits.setdefault(one.offer, one.most) != one.most:
            raise InputError(f'{place}: offer "{one.offer}" has two numbers for most; give it the same one each time')
