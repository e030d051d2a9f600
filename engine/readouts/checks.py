"""What has to hold before an effect is believed: sizes of the arms, their past, orders as they were."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.effects import ALPHA, Difference, sample_ratio_p
from whalecurve.engine.errors import InputError, counted
from whalecurve.engine.money import UNITS
from whalecurve.engine.trials import CLV, PRE, Cohort, Planned

MOST_CHANGED = 0.5
"""Share of the customers whose past may differ from that at assignment; more, and these are other orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What was found.

    sample_ratio_p : of the sizes of all arms; by_stratum : strata whose own sizes do not fit, after Bonferroni
    balance : of each covariate and treated arm, the difference before the start in standard deviations, and its p
    n_absent : assigned customers without any order line; n_changed : those whose past is not that of the assignment
    """

    sample_ratio_p: float
    by_stratum: tuple[tuple[str, float], ...]
    balance: tuple[dict[str, Any], ...]
    n_absent: int
    n_changed: int

    @property
    def is_sound(self) -> bool:
        """Whether arms have the planned sizes; else nothing is concluded."""
        return self.sample_ratio_p >= ALPHA and not self.by_stratum

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "sample_ratio_p": self.sample_ratio_p,
            "sample_ratio_alpha": ALPHA,
            "strata_mismatched": [{"segment": name, "p": p} for name, p in self.by_stratum],
            "is_sound": self.is_sound,
            "balance": list(self.balance),
            "customers_absent": self.n_absent,
            "customers_changed": self.n_changed,
        }


def checks_of(plan: Planned, customers: pl.DataFrame, cohort: Cohort) -> Checks:
    """Check the arms.

    Raises
    ------
    InputError
        Nobody of the assignment is in the orders, or the orders are not those that arms were assigned from.
    """
    n_absent, n_changed = int((customers["n_lines"] == 0).sum()), _n_changed(customers)
    if n_absent == customers.height:
        raise InputError(
            f"experiment {plan.name}: none of its {counted(customers.height, 'customer')} is in the orders; name the "
            f"orders that they were assigned from, with their customer ids, and what has come since"
        )
    if n_changed > MOST_CHANGED * customers.height:
        raise InputError(
            f"experiment {plan.name}: {n_changed:,} of {customers.height:,} customers have another {plan.value} up "
            f"to {plan.assigned_from} than at assignment; read the same orders in the same way"
        )
    return Checks(
        sample_ratio_p=_overall(plan, customers),
        by_stratum=_by_stratum(plan, cohort),
        balance=tuple(_balance(plan, cohort)),
        n_absent=n_absent,
        n_changed=n_changed,
    )


def _n_changed(customers: pl.DataFrame) -> int:
    now = customers["value_then"].to_numpy() / UNITS
    then = customers["value"].cast(pl.Float64).fill_null(0.0).to_numpy()
    return int(np.count_nonzero(np.abs(now - then) > 0.005 + 1e-9 * np.abs(then)))


def _overall(plan: Planned, customers: pl.DataFrame) -> float:
    """All arms with a share, holdouts aside: those may have been drawn before, from others."""
    counts = dict(customers.group_by("arm").agg(n=pl.len()).iter_rows())
    return sample_ratio_p([counts.get(arm, 0) for arm in plan.arms], list(plan.arms.values()))


def _by_stratum(plan: Planned, cohort: Cohort) -> tuple[tuple[str, float], ...]:
    n_arms, shares = len(cohort.arms), list(plan.arms.values())
    if len(cohort.strata) < 2:
        return ()
    counts = cohort.table.group_by("stratum", "arm").agg(n=pl.len()).sort("stratum", "arm")
    sizes = np.zeros((len(cohort.strata), n_arms), dtype=np.int64)
    sizes[counts["stratum"].to_numpy(), counts["arm"].to_numpy()] = counts["n"].to_numpy()
    found = []
    for name, row in zip(cohort.strata, sizes, strict=True):
        p = min(1.0, sample_ratio_p(row.tolist(), shares) * len(cohort.strata))
        if p < ALPHA:
            found.append((name, p))
    return tuple(found)


def _balance(plan: Planned, cohort: Cohort) -> list[dict[str, Any]]:
    """What arms differed by before the start."""
    names = [f"{PRE}{plan.value}", f"{PRE}bought", *([CLV] if cohort.has_clv else [])]
    rows = []
    for name in names:
        before, spread = cohort.compared(name), _spread(cohort, name)
        for arm, label in enumerate(cohort.arms[1:], 1):
            difference: Difference = before.difference(arm)
            rows.append(
                {
                    "arm": label,
                    "of": name,
                    "control": difference.control.mean,
                    "treated": difference.treated.mean,
                    "in_standard_deviations": difference.estimate / spread if spread > 0.0 else 0.0,
                    "p": difference.p_value,
                }
            )
    return rows


def _spread(cohort: Cohort, name: str) -> float:
    cell = cohort.moments([name])
    whole = [cell.of_arm(arm) for arm in range(len(cohort.arms))]
    total = whole[0]
    for part in whole[1:]:
        total = total + part
    scale = UNITS if name != f"{PRE}bought" else 1
    return float(np.sqrt(total.covariance(0, 0))) / scale
