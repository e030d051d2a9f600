"""Who counts where: customers' codes in several schemes, joined to one group each."""

import numpy as np

from whalecurve.kernels.jit import scalar
from whalecurve.kernels.measures_state import (
    COHORT_SHIFT,
    GROUP_SHIFT,
    NO_COHORT,
    NO_GROUP,
    Bytes,
    Int32,
    Int64,
    Observed,
)


@scalar
def joint_one(codes: Bytes, i: int, sizes: Int64) -> int:
    """The number of a customer's combination of codes; a code beyond its scheme's size stands for none."""
    joint = 0
    for scheme in range(sizes.shape[0]):
        joint = joint * (sizes[scheme] + 1) + min(np.int64(codes[i, scheme]), sizes[scheme])
    return joint


@scalar
def mark_joint(codes: Bytes, sizes: Int64, skipped: Bytes, is_there: Bytes) -> None:
    """Note the combinations that occur.

    Parameters
    ----------
    codes : uint8[n, n_schemes]
    sizes : int64[n_schemes], groups of each scheme
    skipped : uint8[n], nonzero for customers who do not count; empty: all count
    is_there : uint8[product of sizes + 1], set to 1 where a combination occurs
    """
    for i in range(codes.shape[0]):
        if skipped.shape[0] == 0 or skipped[i] == 0:
            is_there[joint_one(codes, i, sizes)] = 1


@scalar
def new_words(
    codes: Bytes, sizes: Int64, skipped: Bytes, group_of: Int32, first_day: Int32, observed: Observed
) -> Int64:
    """The words of n customers before any day: cohort and group.

    Parameters
    ----------
    group_of : int32[product of sizes + 1], the group of each combination that occurs
    first_day : int32[n], since 1970-01-01; -1: no purchase day
    """
    n = codes.shape[0]
    words = np.empty(n, np.int64)
    for i in range(n):
        group, cohort = NO_GROUP, NO_COHORT
        if skipped.shape[0] == 0 or skipped[i] == 0:
            group = group_of[joint_one(codes, i, sizes)]
        if first_day[i] >= 0 and group != NO_GROUP:
            cohort = observed.cohort_of[observed.month_of[observed.slot_of[first_day[i] - observed.first_day]]]
        words[i] = (np.int64(group) << GROUP_SHIFT) | (np.int64(cohort) << COHORT_SHIFT)
    return words


@scalar
def mark_days(first_day: Int32, skipped: Bytes, from_day: int, is_there: Bytes) -> int:
    """Note the days of first purchases, counted from one; the number of customers whose own is not among them.

    Parameters
    ----------
    is_there : uint8[n_days], set to 1 where a customer has bought first
    """
    n_outside = 0
    for i in range(first_day.shape[0]):
        if first_day[i] < 0 or (skipped.shape[0] > 0 and skipped[i] != 0):
            continue
        at = first_day[i] - from_day
        if 0 <= at < is_there.shape[0]:
            is_there[at] = 1
        else:
            n_outside += 1
    return n_outside
