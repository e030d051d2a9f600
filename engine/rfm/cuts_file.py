"""Own cut-offs of R, F and M: those of an old model.json, or a TOML file with the lists r, f and m, from score 2 up.

r = [365, 180, 90, 30]      # days since the last purchase, at most, for the scores 2, 3, 4, 5
f = [2, 3, 5, 10]           # purchase days, at least
m = [50, 100, 250, 1000.0]  # value in currency, at least
"""

import tomllib
from itertools import pairwise
from pathlib import Path

from whalecurve.engine.errors import InputError
from whalecurve.engine.paths import read_text
from whalecurve.engine.publication import read_record
from whalecurve.engine.rfm.nested import thresholds_from_dict
from whalecurve.engine.rfm.scores import Thresholds
from whalecurve.engine.settings import MAX_BINS, MIN_BINS

LISTS = ("r", "f", "m")
MEANING = {"r": "days", "f": "purchase days", "m": "amounts"}
LEAST = {"r": 0, "f": 1, "m": -(10**15)}
MOST = 10**15
"""Beyond any amount that can be summed exactly in millionths."""


def read_cuts(path: str | Path) -> Thresholds:
    """Read and check a file of cut-offs; the number of scores is that of the entries, plus one.

    Raises
    ------
    InputError
        The file cannot be read, or a list of it is missing, of another length, out of order or no numbers.
    """
    if Path(path).suffix == ".json":
        return _of_a_run(Path(path))
    try:
        table = tomllib.loads(read_text(path, "pass a TOML file with lists r, f, m"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no TOML ({error}); write lines like r = [365, 180, 90, 30]") from error
    unknown = sorted(table.keys() - set(LISTS))
    missing = [name for name in LISTS if name not in table]
    if unknown or missing:
        what = f'"{unknown[0]}" is no list of cut-offs' if unknown else f"no list {', '.join(missing)}"
        raise InputError(f"{path}: {what}; there are r (days since last), f (purchase days) and m (value)")
    cuts = {name: _checked(table[name], f"{path}: {name}", name) for name in LISTS}
    sizes = {name: len(own) for name, own in cuts.items()}
    if len(set(sizes.values())) > 1:
        shown = ", ".join(f"{name} has {n}" for name, n in sizes.items())
        raise InputError(f"{path}: {shown} cut-offs; give each the same number, one less than there are scores")
    return Thresholds(
        bins=sizes["r"] + 1,
        days_since_last=tuple(int(cut) for cut in cuts["r"]),
        n_purchase_days=tuple(int(cut) for cut in cuts["f"]),
        value=tuple(float(cut) for cut in cuts["m"]),
    )


def _of_a_run(path: Path) -> Thresholds:
    try:
        cuts = thresholds_from_dict(read_record(path, "thresholds")["thresholds"])
    except InputError as error:
        raise InputError(f"{path}: {error.message.marked}") from error
    if not isinstance(cuts, Thresholds):
        raise InputError(f"{path}: its cut-offs are nested, which differ from cell to cell; name a run with fixed ones")
    return cuts


def _checked(cuts: object, place: str, name: str) -> list[float]:
    if not isinstance(cuts, list):
        raise InputError(f"{place} is {cuts!r}, expected a list of {MEANING[name]}")
    if not MIN_BINS <= len(cuts) + 1 <= MAX_BINS:
        given = f"{len(cuts)} cut-offs, which make {len(cuts) + 1} scores"
        raise InputError(f"{place} has {given}; give {MIN_BINS - 1} to {MAX_BINS - 1} of them")
    for i, cut in enumerate(cuts):
        _check_entry(cut, f"{place}[{i}]", name)
    is_falling = name == "r"
    for i, (worse, better) in enumerate(pairwise(cuts), start=1):
        if not (better < worse if is_falling else better > worse):
            order = "falling" if is_falling else "rising"
            raise InputError(f"{place}[{i}] is {better} after {worse}; write {order} cut-offs, from that of score 2 on")
    return cuts


def _check_entry(cut: object, place: str, name: str) -> None:
    kinds = (int, float) if name == "m" else (int,)
    if isinstance(cut, bool) or not isinstance(cut, kinds) or not LEAST[name] <= cut <= MOST:
        expected = "a number" if name == "m" else f"a whole number of {MEANING[name]}, {LEAST[name]} or more"
        raise InputError(f"{place} is {cut!r}, expected {expected}")
