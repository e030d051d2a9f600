"""What fits by group give: parameters of each, how far they are its own, and whether groups are told apart at all."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from whalecurve.engine.models import Fit
from whalecurve.engine.models.covariates import LikelihoodRatio
from whalecurve.kernels.arrays import Int64, Vector

CONTRASTS = np.array([[1.0, -1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0], [0.0, 0.0, 1.0, 1.0]])
"""On log parameters: the ratio that is a mean rate, and the product that says how alike customers are; of purchases and
of dropout. Estimates of these four hardly depend on each other, those of the parameters of a pair nearly wholly."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prior:
    """How the groups are spread: normal in `CONTRASTS` of log parameters, times counted in the mean age.

    mean, between : float64[4], and variances between groups, 0 where these differ no more than chance
    n_groups : groups that told it
    """

    mean: Vector
    between: Vector
    n_groups: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {"mean": self.mean.tolist(), "between": self.between.tolist(), "groups": self.n_groups}


How = Literal["own", "mean", "common"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFit:
    """A group and its parameters.

    fit : what its customers are scored by
    how : "own", pooled with the other groups; "mean", that of all groups, as it is too small; "common", the model of
        all customers
    own_share : how much of it is its own, the rest being the mean of the groups, on average over what groups differ in
    alone : by maximum likelihood from its own customers; None where it is too small
    """

    name: str | None
    customers: int
    repeat_customers: int
    how: How
    own_share: float
    fit: Fit
    alone: Fit | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "group": self.name,
            "customers": self.customers,
            "repeat_customers": self.repeat_customers,
            "how": self.how,
            "own_share": self.own_share,
            "params": self.fit.params,
            "standard_errors": self.fit.standard_errors,
            "alone": None if self.alone is None else self.alone.params,
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupMembers:
    """Customers with the parameters of their groups.

    fits : of the groups; codes : int64[n], the group of each customer with a purchase, in their order
    """

    fits: tuple[Fit, ...]
    codes: Int64

    @property
    def params(self) -> dict[str, Vector]:
        """The parameters of each customer, float64[n] in the order of the kernels."""
        table = np.array([fit.values for fit in self.fits])
        return {name: np.ascontiguousarray(table[self.codes, j]) for j, name in enumerate(self.fits[0].params)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupFits:
    """Fits by group.

    groups : in the order of the codes of customers
    prior : None where groups have no parameters of their own, `reason` says why
    likelihood_ratio : of groups apart against one model for all, of the groups that are large enough; None where that
        cannot be said
    """

    by: str
    groups: tuple[GroupFit, ...]
    common: Fit
    prior: Prior | None
    reason: str | None
    likelihood_ratio: LikelihoodRatio | None

    def members(self, codes: Int64) -> GroupMembers:
        """Customers of so many groups by what they are scored by."""
        return GroupMembers(fits=tuple(group.fit for group in self.groups), codes=codes)

    def alone(self, codes: Int64) -> GroupMembers:
        """The same without pooling: groups by themselves, those that are too small by the model of all."""
        return GroupMembers(fits=tuple(group.alone or self.common for group in self.groups), codes=codes)

    @property
    def small(self) -> list[str]:
        """Names of the groups that are too small for parameters of their own."""
        return ["(none)" if group.name is None else group.name for group in self.groups if group.how == "mean"]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "by": self.by,
            "reason": self.reason,
            "likelihood_ratio": None if self.likelihood_ratio is None else asdict(self.likelihood_ratio),
            "between_groups": None if self.prior is None else self.prior.to_dict(),
            "groups": [group.to_dict() for group in self.groups],
        }
