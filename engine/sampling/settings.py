"""What sample is asked for."""

import math
from dataclasses import dataclass

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.schemes import decimal
from whalecurve.engine.segments import SegmentScheme
from whalecurve.engine.settings import check_lists

MOST_SEED = 2**64 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How customers are drawn.

    scheme : whose segments are the strata
    segments : those to draw from; None for all of the scheme
    per_segment : customers of each segment; None, where neither this nor `total` is given: `PER_SEGMENT`
    total : instead, customers of all segments together, to each in proportion to its size
    reserve : customers in reserve for each one in the sample
    interview_below : segments with fewer customers are better talked to than counted
    seed : 0 to 2^64 - 1; the same seed draws the same customers from the same result
    """

    scheme: SegmentScheme = "rfm"
    segments: tuple[str, ...] | None = None
    per_segment: int | None = None
    total: int | None = None
    reserve: float = 1.0
    interview_below: int = 30
    seed: int = 0

    def __post_init__(self) -> None:
        check_lists(self, "segments")
        if self.per_segment is not None and self.total is not None:
            raise InputError(
                f"{setting('per_segment', self.per_segment)} and {setting('total', self.total)} are both given; one "
                f"draws as many from each segment, the other in proportion: leave one of them out"
            )
        for name, n in (
            ("per_segment", self.per_segment),
            ("total", self.total),
            ("interview_below", self.interview_below),
        ):
            if n is not None and n < 1:
                raise InputError(f"{setting(name)} must be at least 1, not {n}")
        if not 0.0 <= self.reserve <= 100.0:
            raise InputError(
                f"{setting('reserve', self.reserve)} is out of range; choose 0 to 100, 1 for as many again"
            )
        if not 0 <= self.seed <= MOST_SEED:
            raise InputError(f"{setting('seed', self.seed)} is out of range; choose 0 to {MOST_SEED}")

    def reserve_of(self, n_sampled: int) -> int:
        """Customers in reserve for so many in the sample, rounded up; `reserve` is read as the decimal it prints as."""
        return math.ceil(n_sampled * decimal(self.reserve))

    @property
    def resolved_per_segment(self) -> int | None:
        """Customers of each segment; None where they are drawn in proportion."""
        return PER_SEGMENT if self.per_segment is None and self.total is None else self.per_segment


PER_SEGMENT = 40
"""Customers of a segment where no number is asked for: an answer in two is then known to 16 points either way."""
