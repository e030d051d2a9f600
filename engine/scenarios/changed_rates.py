"""What customers who are still active will do, where from now on they buy or leave at other rates than so far.

Given that a customer is active, what is known of their own rates is a distribution of the model's own family, with
parameters updated by what they did (the posterior): they are a newcomer of the same model with these parameters, from
now on. So the past can be kept, and the future changed. Sources: those of the kernels; for BG/NBD Fader, Hardie & Lee
(2005) equation 10, whose expectation is P(alive) times a newcomer's with r + x, alpha + T, a, b + x.
"""

from dataclasses import dataclass, replace

import numpy as np

from whalecurve.engine.models import Fit, purchase_model
from whalecurve.kernels import bgbb, bgnbd, pnbd
from whalecurve.kernels.arrays import Vector

AFTER_A_PURCHASE, IN_TIME, AT_AN_OPPORTUNITY = "after a purchase", "in time", "at an opportunity"
LEAVES = {"bgnbd": AFTER_A_PURCHASE, "mbgnbd": AFTER_A_PURCHASE, "pnbd": IN_TIME, "bgbb": AT_AN_OPPORTUNITY}
"""When customers leave, by model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Factors on the odds of staying and on the rate of buying, from now on; 1 for none.

    odds : of staying after a purchase (BG/NBD, MBG/NBD), at an opportunity (BG/BB), or within a short time, which
        divides the rate of leaving (Pareto/NBD)
    rate : of purchases in time; of the odds of buying at an opportunity (BG/BB)
    """

    odds: float = 1.0
    rate: float = 1.0


NONE = Change()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What is known of the rates of n active customers.

    leaves : when they leave
    buys, waits : float64[n]; of the purchase rate, the shape and the scale of a Gamma distribution, or of the share of
        opportunities taken, the two parameters of a Beta distribution
    goes, stays : float64[n] or a number for all; the same of leaving, goes / (goes + stays) being its mean probability;
        shape and scale in time
    """

    leaves: str
    buys: Vector
    waits: Vector | float
    goes: Vector | float
    stays: Vector

    def changed(self, change: Change) -> "Rates":
        """The rates times the factors: means move, how sure they are stays (a + b of a Beta, the shape of a Gamma)."""
        if self.leaves == AT_AN_OPPORTUNITY:
            waits, buys = _at_odds(self.waits, self.buys, change.rate)
        else:
            waits, buys = self.waits / change.rate, self.buys
        if self.leaves == IN_TIME:
            return replace(self, buys=buys, waits=waits, stays=self.stays * change.odds)
        goes, stays = _at_odds(self.goes, self.stays, change.odds)
        return replace(self, buys=buys, waits=waits, goes=goes, stays=stays)

    def purchases(self, t: float) -> Vector:
        """Mean purchases in the next t units of time, or opportunities, of which the first is not missed."""
        newcomer = (self.buys, self.waits, self.goes, self.stays)
        if self.leaves == AFTER_A_PURCHASE:
            return np.asarray(bgnbd.expected_purchases(t, *newcomer), dtype=np.float64)
        if self.leaves == IN_TIME:
            return np.asarray(pnbd.expected_purchases(t, *newcomer), dtype=np.float64)
        later = np.asarray(bgbb.expected_purchases(t - 1.0, *newcomer), dtype=np.float64)
        return self.buys / (self.buys + self.waits) + later

    def endless(self, t: float) -> Vector:
        """The same if nobody left any more: what any retention stays below."""
        share = self.buys / (self.buys + self.waits) if self.leaves == AT_AN_OPPORTUNITY else self.buys / self.waits
        return share * t

    def still_active(self, t: float) -> Vector:
        r"""The probability of being active t from now.

        Where customers leave after a purchase,

        .. math:: 1 - \frac{a}{a+b} E[X(t); r, \alpha, a+1, b]

        with E the mean purchases of a newcomer: who leaves does so with exactly one purchase, and p times the density
        of Beta(a, b) is a / (a + b) times that of Beta(a + 1, b).
        """
        if self.leaves == IN_TIME:
            return np.exp(-self.goes * np.log1p(t / self.stays))
        if self.leaves == AFTER_A_PURCHASE:
            gone = bgnbd.expected_purchases(t, self.buys, self.waits, self.goes + 1.0, self.stays)
            return 1.0 - self.goes / (self.goes + self.stays) * np.asarray(gone, dtype=np.float64)
        active = np.ones_like(self.buys)
        for j in range(round(t)):
            active = active * ((self.stays + j) / (self.goes + self.stays + j))
        return active


def rates_of(fit: Fit, x: Vector, T: Vector) -> Rates:
    """What a fit says of the rates of customers with x repeat purchases by T who are active."""
    r, alpha, third, fourth = fit.values
    leaves = LEAVES[fit.model]
    if leaves == AT_AN_OPPORTUNITY:
        return Rates(leaves=leaves, buys=r + x, waits=alpha + (T - x), goes=third, stays=fourth + T + 1.0)
    survived = {"bgnbd": x, "mbgnbd": x, "pnbd": T}[fit.model]
    stays = fourth + survived + (1.0 if fit.model == "mbgnbd" else 0.0)
    return Rates(leaves=leaves, buys=r + x, waits=alpha + T, goes=third, stays=stays)


def purchases_if_active(fit: Fit, x: Vector, T: Vector, change: Change, t: float) -> Vector:
    """Mean purchases in (T, T + t] of customers who are active at T; without a change, the model's to the bit."""
    if change == NONE:
        return np.asarray(purchase_model(fit.model).expected_if_alive(t, x, T, *fit.values), dtype=np.float64)
    return rates_of(fit, x, T).changed(change).purchases(t)


def _at_odds(against: Vector | float, in_favour: Vector, factor: float) -> tuple[Vector | float, Vector]:
    """The parameters of a Beta distribution with the odds of its mean times a factor, and the same sum."""
    if factor == 1.0:
        return against, in_favour
    weight = against + factor * in_favour
    total = against + in_favour
    return total * against / weight, total * factor * in_favour / weight
