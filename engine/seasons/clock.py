r"""The clock in which purchases keep a steady rate: operational time, the integral of the season's factors.

With purchases a Poisson process of rate \lambda s(t), s known, they are one of rate \lambda in

.. math:: \tau(t) = \int_0^t s(u)\,du

(the time change of a point process: Brown et al. 2001, Neural Computation 14(2), 325-346; Kingman 1993, Poisson
Processes, section 4.5). So a model of continuous time holds in that clock with t_x, T and every horizon mapped through
it; see docs/seasons.md. Times are counted in model units on both sides: a factor of one leaves them as they are.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from whalecurve.engine.models import Histories, collapsed
from whalecurve.engine.orders import day_number
from whalecurve.engine.seasons.season import Season
from whalecurve.engine.settings import MOST_DAYS, ObservedWindow
from whalecurve.kernels.arrays import Int64, Vector

SPARE_DAYS = 31
"""Beyond the longest horizon: its last month may be cut behind it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clock:
    """Operational time around the last day observed, as_of.

    per_unit : days in a model unit
    behind : float64[days], operational days from the end of the day k days before as_of to the end of as_of, for each k
    ahead : the same from the end of as_of to k days after
    """

    per_unit: float
    behind: Vector
    ahead: Vector

    @classmethod
    def of(cls, season: Season, window: ObservedWindow, longest: float) -> Self:
        """The clock at the end of a window, for ages up to `longest` model units."""
        as_of, per_unit = day_number(window.as_of), window.days_per_unit
        back, ahead = int(np.rint(longest * per_unit)), MOST_DAYS + SPARE_DAYS
        factors = season.factors(as_of - back + 1, as_of + ahead)
        return cls(
            per_unit=per_unit,
            behind=np.append(0.0, np.cumsum(factors[:back][::-1])),
            ahead=np.append(0.0, np.cumsum(factors[back:])),
        )

    def ages(self, T: Vector) -> Vector:
        """Operational ages of customers whose first purchase is T before as_of, whole days."""
        return self.behind[self._days(T)] / self.per_unit

    def history(self, t_x: Vector, T: Vector) -> tuple[Vector, Vector]:
        """Operational t_x and T."""
        age = self.behind[self._days(T)]
        silence = self.behind[self._days(T - t_x)]
        return (age - silence) / self.per_unit, age / self.per_unit

    def until(self, t: Vector | float) -> Vector:
        """Operational time from as_of to t after it; within a day the factor is steady."""
        days = np.asarray(t, dtype=np.float64) * self.per_unit
        reached: Vector = np.interp(days, np.arange(self.ahead.size, dtype=np.float64), self.ahead) / self.per_unit
        return reached

    def histories(self, histories: Histories) -> Histories:
        """The same customers with their times in operational time."""
        t_x, T = self.history(histories.t_x, histories.T)
        return collapsed(histories.x, t_x, T, histories.counts)

    def _days(self, t: Vector) -> Int64:
        days: Int64 = np.rint(t * self.per_unit).astype(np.int64)
        return days
