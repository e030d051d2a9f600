"""The risk horizon: how long without a purchase counts as lost, and whether risk tells who comes back within it."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

import numpy as np

from whalecurve.engine.selection.holdout import Holdout
from whalecurve.engine.statistics import Survival, auc, brier, brier_of_base_rate

FOLLOWED = 0.8
"""Share of the purchases that are followed by another which have been at the end of the risk horizon."""

LEAST_DAYS, MOST_DAYS = 30, 365
"""The risk horizon that is found in a log: no less, no more."""

LEAST_AUC = 0.55
"""Below it the ranking by risk is no better than chance."""


def risk_horizon(gaps: Survival) -> int:
    """Days by whose end `FOLLOWED` of the purchases that are followed by another have been.

    From `LEAST_DAYS` to `MOST_DAYS`; the latter where nobody came back.

    gaps : Kaplan-Meier over all gaps between purchase days, the open ones included
    """
    followed = gaps.quantile_of_events(FOLLOWED)
    return MOST_DAYS if followed is None else min(max(followed, LEAST_DAYS), MOST_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTest:
    """The ranking by risk, held against who bought: the model refitted to the days up to `split`, and those after it.

    split : last day of the past; days : how many are predicted
    n_customers, n_bought : those known at the split, or a sample of them, and those of them who bought again in time
    auc : the chance that somebody who bought had a lower risk than somebody who did not
    brier, brier_of_base_rate : of the probabilities; of the share who bought, for everybody
    """

    split: str
    days: int
    n_customers: int
    n_bought: int
    auc: float
    brier: float
    brier_of_base_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The risk horizon in days, how it came about, and what a holdout says of the ranking by risk.

    chosen : "auto", from the log's own gaps; "given"; "thresholds", with everything else of an old run
    followed_days : after which `FOLLOWED` of the purchases that are followed have been, be it within the bounds of the
        horizon or not; None where nobody came back
    test : None where there was none; untested : why
    """

    horizon_days: int
    chosen: Literal["auto", "given", "thresholds"]
    followed_days: int | None = None
    test: RiskTest | None = None
    untested: str | None = None

    @property
    def withheld(self) -> str | None:
        """Why nobody is told to be at risk; None where they are."""
        if self.test is None or self.test.auc >= LEAST_AUC:
            return None
        return (
            f"risk does not tell who comes back: of {self.test.n_customers:,} customers known on {self.test.split}, "
            f"{self.test.n_bought:,} bought in the {self.test.days} days after it, and the model ranks them with an "
            f"AUC of {self.test.auc:.2f} (0.5 is chance, at least {LEAST_AUC} is needed); churn risk, risk and cells "
            f"of the matrix are withheld"
        )

    @property
    def warnings(self) -> list[str]:
        """What a reader of churn risk should know, in whole sentences."""
        if self.withheld is not None:
            return [self.withheld]
        if self.test is None or self.test.brier <= self.test.brier_of_base_rate:
            return []
        test = self.test
        return [
            f"churn risk ranks customers, but its level is off: on the {test.days} days after {test.split} its Brier "
            f"score is {test.brier:.3f}, {test.brier_of_base_rate:.3f} that of one probability for all"
        ]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self) | {"withheld": self.withheld}

    @classmethod
    def of_old_run(cls, record: dict[str, Any] | None, days: int) -> Self:
        """The risk of an old run, whose model ranks here, too; the record is as `to_dict` has it."""
        test = None if record is None or record["test"] is None else RiskTest(**record["test"])
        untested = record["untested"] if record is not None else "the old run did not test it"
        followed = None if record is None else record["followed_days"]
        return cls(horizon_days=days, chosen="thresholds", followed_days=followed, test=test, untested=untested)


def tested(risk: Risk, holdout: Holdout) -> Risk:
    """The risk with its test: the ranking of the customers known at the split by the model as it was then."""
    p = holdout.p_alive * (1.0 - holdout.quiet)
    has_answer = ~np.isnan(p)
    p, has_bought = p[has_answer], holdout.past.has_bought[has_answer]
    area = auc(p, has_bought)
    if area is None:
        return replace(risk, untested=f"no answer for {holdout.customers}")
    test = RiskTest(
        split=holdout.split.last_day,
        days=risk.horizon_days,
        n_customers=has_bought.size,
        n_bought=int(np.count_nonzero(has_bought)),
        auc=area,
        brier=brier(p, has_bought),
        brier_of_base_rate=brier_of_base_rate(has_bought),
    )
    return replace(risk, test=test)
