"""Items by other codes, each once in its group and in order.

Groups are flat: the items of group g are items[starts[g]:starts[g + 1]]. A group is a basket, a day, or all that a
customer bought; a code is an item that counts, or what it belongs to.
"""

from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.compiler.jit import scalar


@scalar
def recoded(starts: Int64, items: Int32, codes: Int32, new_starts: Int64, new_items: Int32) -> int:
    """Write the groups with each item as codes[item], once and ascending; negative codes are left out.

    The place is searched by halves: a group may hold a line for each of millions of purchases, of few items.

    Parameters
    ----------
    starts : int64[groups + 1]
    items : int32[starts[-1]], in any order
    codes : int32[items that there are]
    new_starts : int64[groups + 1], written
    new_items : int32[as many as items], written

    Returns
    -------
    How many items the new groups have.
    """
    n = 0
    new_starts[0] = 0
    for group in range(starts.shape[0] - 1):
        begin = n
        for i in range(starts[group], starts[group + 1]):
            code = codes[items[i]]
            if code < 0:
                continue
            low, high = begin, n
            while low < high:
                middle = (low + high) // 2
                if new_items[middle] < code:
                    low = middle + 1
                else:
                    high = middle
            if low < n and new_items[low] == code:
                continue
            for j in range(n, low, -1):
                new_items[j] = new_items[j - 1]
            new_items[low] = code
            n += 1
        new_starts[group + 1] = n
    return n
