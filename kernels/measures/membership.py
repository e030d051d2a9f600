"""Which group and cohort each customer counts in: facts that are known before their days are gone over."""

import numpy as np

from whalecurve.kernels.arrays import Bytes, Int32, Int64, UInt16
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.measures.tables import (
    COHORT_SHIFT,
    GROUP_SHIFT,
    NO_COHORT,
    CalendarDay,
    CustomerState,
    MoneyFact,
    Observed,
    SmallFact,
)


@scalar
def joined(codes: tuple[UInt16, ...], parts: Int32) -> Int32:
    """The numbers of combinations of groups.

    Parameters
    ----------
    codes : uint16[m] for each scheme, the group of each customer in it
    parts : int32[schemes, groups], what a group adds to the number of a combination

    Returns
    -------
    int32[m]
    """
    joint = np.zeros(codes[0].shape[0], np.int32)
    for scheme in range(len(codes)):
        for i in range(joint.shape[0]):
            joint[i] += parts[scheme, codes[scheme][i]]
    return joint


@scalar
def note(
    facts: Int64,
    position: Int64,
    joint: Int32,
    first_day: Int32,
    n_lines: Int64,
    n_return_lines: Int64,
    sold: Int64,
    returned: Int64,
) -> None:
    """Note m of n customers.

    Parameters
    ----------
    facts : int64[n, 4], zeros where nobody has been noted
    position : int64[m], the row of each one
    joint : int32[m], the number of each one's combination of groups
    first_day : int32[m], first purchase day since 1970-01-01; -1: none
    n_lines, n_return_lines, sold, returned : int64[m], lines up to 2^31
    """
    small = facts.view(np.int32)
    for i in range(position.shape[0]):
        row = position[i]
        small[row, SmallFact.JOINT], small[row, SmallFact.FIRST_DAY] = joint[i], first_day[i] + 1
        small[row, SmallFact.LINES], small[row, SmallFact.RETURN_LINES] = n_lines[i], n_return_lines[i]
        facts[row, MoneyFact.SOLD], facts[row, MoneyFact.RETURNED] = sold[i], returned[i]


@scalar
def mark_joint(facts: Int64, is_there: Bytes) -> None:
    """Note the combinations that occur.

    Parameters
    ----------
    facts : int64[n, 4]
    is_there : uint8[combinations], set to 1 where one occurs
    """
    joint = facts.view(np.int32)
    for i in range(facts.shape[0]):
        is_there[joint[i, SmallFact.JOINT]] = 1


@scalar
def begin(customers: Int64, facts: Int64, group_of: Int32, observed: Observed) -> None:
    """Make rows of zeros what n customers are before any day: their words, with cohort and group.

    Parameters
    ----------
    customers : int64[n, 2]
    facts : int64[n, 4]
    group_of : int32[combinations], the group of each one that occurs
    """
    small = facts.view(np.int32)
    for i in range(customers.shape[0]):
        group, cohort, first = group_of[small[i, SmallFact.JOINT]], NO_COHORT, small[i, SmallFact.FIRST_DAY] - 1
        if first >= 0:
            cohort = observed.cohort_of[observed.calendar[first - observed.first_day, CalendarDay.MONTH]]
        customers[i, CustomerState.WORD] = (np.int64(group) << GROUP_SHIFT) | (np.int64(cohort) << COHORT_SHIFT)


@scalar
def mark_days(facts: Int64, from_day: int, is_there: Bytes) -> int:
    """Note the days of first purchases, counted from one; the number of customers whose own is not among them.

    Parameters
    ----------
    facts : int64[n, 4]
    is_there : uint8[n_days], set to 1 where a customer has bought first
    """
    n_outside, small = 0, facts.view(np.int32)
    for i in range(facts.shape[0]):
        first = small[i, SmallFact.FIRST_DAY] - 1
        if first < 0:
            continue
        at = first - from_day
        if 0 <= at < is_there.shape[0]:
            is_there[at] = 1
        else:
            n_outside += 1
    return n_outside
