"""The customers that are compared: arms and strata as numbers, covariates as whole numbers, small strata together."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.effects import ArmMean, Difference, Key, Moments, arm_means, moments_of, weighted
from whalecurve.engine.errors import InputError
from whalecurve.engine.money import UNITS
from whalecurve.engine.trials.outcome_sums import DISCOUNT, MONEY, PRE
from whalecurve.engine.trials.planned import Planned

SMALL = "(small segments)"
LEAST = 10
"""Customers of a stratum in each arm; strata with fewer in some arm are taken together."""

CLV = "clv"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """Means of a metric in the units of the metric.

    arms : of each arm over all strata, weighted by size; cells : of each stratum in each arm
    """

    arms: list[ArmMean]
    cells: dict[Key, ArmMean]

    def difference(self, arm: int) -> Difference:
        """What an arm has more than the control."""
        return Difference(treated=self.arms[arm], control=self.arms[0])

    def of_stratum(self, stratum: int, arm: int) -> Difference:
        """The same within a stratum."""
        return Difference(treated=self.cells[stratum, arm], control=self.cells[stratum, 0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cohort:
    """The customers of the arms that are compared.

    table : `stratum` and `arm` as numbers, the sums of `outcomes`, and `clv` in fixed-point units
    strata : their names; sizes : customers of each
    has_clv : whether CLV at assignment is known
    """

    table: pl.DataFrame
    arms: tuple[str, ...]
    strata: tuple[str, ...]
    sizes: tuple[int, ...]
    has_clv: bool

    def compared(self, metric: str, covariates: Sequence[str] = (), unit_of: str | None = None) -> Compared:
        """Means of a column by arm, adjusted to the covariates, in the unit of another column if it is told."""
        scale = 1.0 / UNITS if is_money(metric if unit_of is None else unit_of) else 1.0
        cells = {key: mean.times(scale) for key, mean in arm_means(self.table, metric, covariates).items()}
        total = sum(self.sizes)
        weights = [size / total for size in self.sizes]
        strata = range(len(self.strata))
        arms = [weighted([cells[s, arm] for s in strata], weights) for arm in range(len(self.arms))]
        return Compared(arms=arms, cells=cells)

    def moments(self, names: Sequence[str]) -> Moments:
        """Exact sums of columns by stratum and arm."""
        return moments_of(self.table, names)

    def clipped(self, columns: dict[str, str], cap: int | None) -> "Cohort":
        """With columns, named anew, clipped at the cap to both sides; as they are without one."""
        clip = {new: pl.col(old) if cap is None else pl.col(old).clip(-cap, cap) for new, old in columns.items()}
        return Cohort(
            table=self.table.with_columns(**clip),
            arms=self.arms,
            strata=self.strata,
            sizes=self.sizes,
            has_clv=self.has_clv,
        )


def is_money(metric: str) -> bool:
    """Whether a column is in fixed-point units of money."""
    name = metric.removeprefix("capped_").removeprefix(PRE)
    return name in (*MONEY, CLV, "clv_after", DISCOUNT)


def cohort_of(plan: Planned, customers: pl.DataFrame) -> Cohort:
    """Put the customers of the compared arms into numbers.

    customers : the assignment with the sums of `outcomes`
    """
    arms = tuple(plan.arms)
    tested = customers.filter(pl.col("arm").is_in(arms)).with_columns(
        arm=pl.col("arm").replace_strict(arms, range(len(arms)), return_dtype=pl.Int32),
        stratum=pl.col("stratum").cast(pl.String).fill_null("(none)"),
    )
    _check_arms(arms, tested)
    tested = _without_small(tested, len(arms))
    strata = tested.group_by("stratum").agg(n=pl.len()).sort("stratum")
    names = strata["stratum"].to_list()
    has_clv = CLV in tested.columns and tested[CLV].null_count() < tested.height
    numbered = tested.with_columns(
        stratum=pl.col("stratum").replace_strict(names, range(len(names)), return_dtype=pl.Int32)
    )
    if has_clv:
        units = (pl.col(CLV).cast(pl.Float64).fill_nan(None).fill_null(0.0) * UNITS).round().cast(pl.Int64)
        numbered = numbered.with_columns(units.alias(CLV))
    return Cohort(table=numbered, arms=arms, strata=tuple(names), sizes=tuple(strata["n"].to_list()), has_clv=has_clv)


def _check_arms(arms: Sequence[str], tested: pl.DataFrame) -> None:
    counts = dict(tested.group_by("arm").agg(n=pl.len()).iter_rows())
    for at, arm in enumerate(arms):
        n = counts.get(at, 0)
        if n == 0:
            raise InputError(
                f'nobody in arm "{arm}" has been in the experiment for long enough to be compared, or nobody was '
                f"assigned to it; read it later, or assign more customers"
            )
        if n == 1:
            raise InputError(
                f'arm "{arm}" has one customer to be compared, who does not show how much customers differ; read it '
                f"later, or assign more customers"
            )


def _without_small(tested: pl.DataFrame, n_arms: int) -> pl.DataFrame:
    """Strata with too few customers in some arm under one name, with the next larger ones until they are enough."""
    counts = tested.group_by("stratum", "arm").agg(n=pl.len())
    sizes: dict[str, dict[int, int]] = {}
    for stratum, arm, n in counts.iter_rows():
        sizes.setdefault(stratum, {})[arm] = n
    by_size = sorted(sizes, key=lambda name: (sum(sizes[name].values()), name))
    small = [name for name in by_size if _least(sizes, [name], n_arms) < LEAST]
    for name in by_size:
        if not small or _least(sizes, small, n_arms) >= LEAST:
            break
        if name not in small:
            small.append(name)
    together = pl.col("stratum").is_in(small) if len(small) > 1 else pl.lit(value=False)
    return tested.with_columns(stratum=pl.when(together).then(pl.lit(SMALL)).otherwise("stratum"))


def _least(sizes: dict[str, dict[int, int]], names: Sequence[str], n_arms: int) -> int:
    """Customers of these strata in the smallest arm."""
    return min(sum(sizes[name].get(arm, 0) for name in names) for arm in range(n_arms))
