"""Drawing at random, so that the same seed draws the same everywhere."""

import numpy as np
from numpy.typing import NDArray


def drawn(n: int, n_wanted: int, seed: int, stratum: int) -> NDArray[np.int64]:
    """Positions of `n_wanted` of n customers, drawn without replacement, in the order in which they were drawn.

    Each customer gets 64 random bits, and the least are taken: every set of customers, in every order, is as likely.
    The bits are those of PCG64 as it is seeded, which NumPy keeps the same in all versions, as it does not for choices
    and shuffles (NEP 19). Each stratum has a stream of its own, whatever the others are.

    Parameters
    ----------
    n, n_wanted
        Customers, and how many of them; no more than n are drawn.
    seed, stratum
        What decides who is drawn.
    """
    bits = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(stratum,))).random_raw(n)
    return np.argsort(bits, kind="stable")[:n_wanted]
