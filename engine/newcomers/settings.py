"""What is asked of newcomers."""

from dataclasses import dataclass
from typing import Literal, get_args

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.settings import check_lists, check_number, check_share

Cohorts = Literal["month", "quarter", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewcomerSettings:
    """How newcomers are told apart.

    by : dimensions of the first order, columns or SQL expressions
    cohorts : periods of the first purchase; None for none
    pool : how many customers like all others each group has on top of its own, see `groups`
    level : confidence level of intervals
    residual : whether what is left of each customer without a horizon is worked out, too
    """

    by: tuple[str, ...] = ()
    cohorts: Cohorts | None = None
    pool: int = 100
    level: float = 0.9
    residual: bool = False

    def __post_init__(self) -> None:
        check_lists(self, "by")
        if taken := [name for name in self.by if name in ("all", "cohort", "")]:
            raise InputError(f'{setting("by")} "{taken[0]}" has another meaning here; name it as an SQL expression')
        if self.cohorts is not None and self.cohorts not in get_args(Cohorts):
            raise InputError(
                f'{setting("cohorts")} "{self.cohorts}" is unknown; choose one of {", ".join(get_args(Cohorts))}'
            )
        check_number("pool", self.pool, "100")
        if not 1 <= self.pool <= 1_000_000:
            raise InputError(f"{setting('pool', self.pool)} is out of range; choose 1 to 1000000")
        check_share("level", self.level, "0.9")
