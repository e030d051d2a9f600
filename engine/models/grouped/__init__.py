"""Purchase models with parameters of their own for groups of customers, pooled as far as the groups tell them."""

from whalecurve.engine.models.grouped.fitting import LEAST_CUSTOMERS, LEAST_REPEAT, fit_groups
from whalecurve.engine.models.grouped.membership import MOST_GROUPS, Membership
from whalecurve.engine.models.grouped.results import GroupFit, GroupFits, GroupMembers

__all__ = [
    "LEAST_CUSTOMERS",
    "LEAST_REPEAT",
    "MOST_GROUPS",
    "GroupFit",
    "GroupFits",
    "GroupMembers",
    "Membership",
    "fit_groups",
]
