"""How a measure is spread over several origins."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A measure over so many origins: mean, standard deviation (of a sample; None of one), least and greatest."""

    origins: int
    mean: float
    standard_deviation: float | None
    least: float
    greatest: float

    def to_dict(self) -> dict[str, float | int | None]:
        """Plain data, ready for JSON."""
        return asdict(self)


def spread_of(values: Sequence[float | None]) -> Spread | None:
    """The spread of those that are known; None where none is."""
    known = [value for value in values if value is not None and not math.isnan(value)]
    if not known:
        return None
    n, mean = len(known), math.fsum(known) / len(known)
    deviation = None if n < 2 else math.sqrt(math.fsum((value - mean) ** 2 for value in known) / (n - 1))
    return Spread(origins=n, mean=mean, standard_deviation=deviation, least=min(known), greatest=max(known))
