"""Groups of too few customers, told together so that nobody can be made out."""

from collections.abc import Iterable


def small_groups(sizes: Iterable[tuple[str | None, int]], least: int) -> list[str | None]:
    """The groups that are told as one, the smallest first; none where each has enough customers.

    Groups of fewer than `least` customers are put together. Where these together are fewer, the next larger ones join
    them, of equal ones that without a name first, then by name: what all have more than the groups that are told would
    tell of them.

    Parameters
    ----------
    sizes
        Name and customers of each group.
    least
        The fewest customers that may be told of.

    Returns
    -------
    list
        Names; their customers are fewer than `least` only where those of all groups are.
    """
    small: list[str | None] = []
    n_small = 0
    for name, n in sorted(sizes, key=lambda size: (size[1], size[0] is not None, size[0])):
        if n >= least and (not small or n_small >= least):
            break
        small.append(name)
        n_small += n
    return small
