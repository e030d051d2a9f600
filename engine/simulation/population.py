"""When simulated customers come, and how many order lines the models expect of them."""

import itertools
import math
from datetime import date

import numpy as np

from whalecurve.engine.settings import DAYS_PER_UNIT
from whalecurve.engine.simulation import catalogue
from whalecurve.engine.simulation.catalogue import Effects
from whalecurve.engine.statistics import beta_nodes
from whalecurve.kernels.arrays import Vector

ANNUAL_GROWTH = 0.20
YEARLY_SWING = 0.25  # around the mean, highest in the pre-Christmas weeks
PEAK_DAY_OF_YEAR = 335
WEEKDAY_FACTORS = [1.05, 0.95, 0.95, 1.0, 1.1, 1.05, 0.9]  # Monday first
DAYS_PER_YEAR = DAYS_PER_UNIT["year"]


def acquisition_shares(start: date, days: int) -> Vector:
    """Share of all customers whose first order falls on each day: growth, a yearly and a weekly season."""
    day = np.arange(days)
    day_of_year = day + start.timetuple().tm_yday
    season = 1.0 + YEARLY_SWING * np.cos(2.0 * math.pi * (day_of_year - PEAK_DAY_OF_YEAR) / DAYS_PER_YEAR)
    weekday = np.array(WEEKDAY_FACTORS)[(day + start.weekday()) % 7]
    shares = (1.0 + ANNUAL_GROWTH) ** (day / DAYS_PER_YEAR) * season * weekday
    return catalogue.normalised(shares)


def operational_days(start: date, days: int, swing: float) -> Vector:
    """Operational days at each midnight of a log whose rates of purchases swing with the year: float64[days + 1].

    The rate of a day is 1 + swing * cos, highest on the same day as acquisition.
    """
    day_of_year = np.arange(days) + start.timetuple().tm_yday
    factors = 1.0 + swing * np.cos(2.0 * math.pi * (day_of_year - PEAK_DAY_OF_YEAR) / DAYS_PER_YEAR)
    return np.append(0.0, np.cumsum(factors))


def first_numbers(n_customers: int, shares: Vector) -> list[int]:
    """Return the number of each day's first customer, and n_customers: a share is rounded to whole customers."""
    cumulative = np.concatenate([[0.0], np.cumsum(shares)])
    return [int(number) for number in np.rint(n_customers * cumulative / cumulative[-1])]


def bgnbd_repeats(params: tuple[float, ...], age: Vector, rate: float, leaving: float) -> Vector:
    """Return the repeat orders expected up to `age` (days) where rates and dropout probabilities carry a factor.

    E[X(t) | lambda, p] = (1 − exp(−lambda p t)) / p, Fader, Hardie & Lee (2005); lambda is integrated
    out in closed form, p numerically, as a factor on it leaves the beta family.
    """
    r, alpha, a, b = params
    p, weights = beta_nodes(a, b)
    p = np.minimum(1.0, leaving * p)
    return np.asarray(-np.expm1(-r * np.log1p(rate / alpha * np.outer(age, p))) / p @ weights)


def pnbd_repeats(params: tuple[float, ...], age: Vector, rate: float, leaving: float) -> Vector:
    """Do the same for Pareto/NBD: Schmittlein, Morrison & Colombo (1987); holds at s = 1 too."""
    from scipy.special import exprel  # costs more to import than most runs need

    r, alpha, s, beta = params
    log_ratio = np.log1p(leaving * age / beta)
    return rate * r / alpha * beta / leaving * log_ratio * exprel((1.0 - s) * log_ratio)


def orders_per_customer(
    model: str, params: tuple[float, ...], shares: Vector, effects: Effects, season: Vector | None = None
) -> float:
    """Return the orders expected of one customer, over days of acquisition and the groups that effects make.

    season : operational days at each midnight; None where rates have none.
    """
    repeats = pnbd_repeats if model == "pnbd" else bgnbd_repeats
    age = np.arange(len(shares), 0, -1, dtype=np.float64) - 0.5
    if season is not None:
        age = season[-1] - (season[:-1] + season[1:]) / 2.0
    articles = catalogue.products(effects)
    toxic_line = sum(article.weight for article in articles if article.brand == effects.toxic_brand)
    toxic = sum(share * (1.0 - (1.0 - toxic_line) ** n) for n, share in catalogue.LINES_PER_ORDER.items())
    loyal = catalogue.CITIES[effects.loyal_city]
    sticky = catalogue.CAMPAIGNS[effects.sticky_campaign]
    expected = 1.0
    for is_toxic, is_loyal, is_sticky in itertools.product((False, True), repeat=3):
        weight = (toxic if is_toxic else 1.0 - toxic) * (loyal if is_loyal else 1.0 - loyal)
        weight *= sticky if is_sticky else 1.0 - sticky
        rate = (effects.toxic_rate if is_toxic else 1.0) * (effects.sticky_rate if is_sticky else 1.0)
        leaving = effects.loyal_dropout if is_loyal else 1.0
        expected += weight * float(shares @ repeats(params, age, rate, leaving))
    return expected


def lines_per_order(effects: Effects) -> float:
    """Return the lines expected of an order with its returns; those after the log's end are not taken off."""
    sold = sum(n * share for n, share in catalogue.LINES_PER_ORDER.items())
    returned = sum(article.weight * article.return_rate for article in catalogue.products(effects))
    hunters = catalogue.BARGAIN_HUNTERS
    return sold * (1.0 + returned * (1.0 - hunters + hunters * catalogue.BARGAIN_RETURNS))
