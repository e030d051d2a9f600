"""When a segment is worth a word: the table `[quality]` of a scheme. It may be left out, and so may any key of it."""

from dataclasses import dataclass, fields

from whalecurve.engine.errors import InputError
from whalecurve.engine.schemes.toml_tables import Table, check_keys, number_of, subtable

KEY = "quality"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRules:
    """Thresholds of the remarks on segments.

    min_customers : with fewer, a segment is too small to act on
    max_share : with a larger share of the customers, a segment or cell of the matrix is too large to mean anything;
        tiers and stages are as large as they are defined
    tells_from : segments or cells that explain a smaller share of the variance of value, and of CLV, hardly tell
        customers apart
    mixed_from : a segment is mixed if the relative spread of a number in it, standard deviation / mean, is at least so
        many times that of all customers
    split_from : a split is worth naming if it takes at least this share of a segment's variance
    stays_from : a segment is unstable if a smaller share of its customers is still in it in the next result
    """

    min_customers: float = 30.0
    max_share: float = 0.5
    tells_from: float = 0.05
    mixed_from: float = 1.0
    split_from: float = 0.25
    stays_from: float = 0.5


def read_quality(scheme: Table, source: str) -> QualityRules:
    """The table in a scheme's file, or the usual thresholds.

    Raises
    ------
    InputError
        An unknown key, or a number that is no threshold.
    """
    where = f"{source}: {KEY}"
    table = subtable(scheme, KEY, f"{source}: ", f"write [{KEY}]")
    names = tuple(field.name for field in fields(QualityRules))
    check_keys(table, where, optional=names)
    given = {name: number_of(table, name, where, "a number such as 0.5") for name in table}
    for name, number in given.items():
        most = float("inf") if name in ("min_customers", "mixed_from") else 1.0
        if not 0.0 <= number <= most:
            raise InputError(f"{where}: {name} is {number:g}, expected 0 {'or more' if most > 1.0 else 'to 1'}")
    return QualityRules(**given)
