"""What simulated customers meet: brands, products, cities, campaigns, and the facts planted among them.

Nothing here depends on the seed: the catalogue is the same in every log. Where nothing is
planted, all entries of a dimension behave alike; products then share one cost and one return rate.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.simulation import Market

CHANNELS = {"web": 0.45, "app": 0.25, "store": 0.15, "marketplace": 0.11, "phone": 0.04}
CAMPAIGNS = {
    "organic": 0.30,
    "search": 0.19,
    "social": 0.14,
    "newsletter": 0.10,
    "affiliate": 0.08,
    "referral": 0.07,
    "influencer": 0.07,
    "spring sale": 0.05,
}
CITY_NAMES = """
    Berlin Hamburg Munich Vienna Cologne Frankfurt Zurich Amsterdam Stuttgart Brussels
    Leipzig Copenhagen Prague Dresden Antwerp Bremen Graz Basel Utrecht Salzburg
"""
BRAND_NAMES = """
    Alderby Brontide Calvane Dunmere Elmsworth Fennick Garrowe Hollin Issandre Jorvale Kestrin Lundale
    Marrowby Norvane Oakhaven Pellam Quillon Rowanby Selwick Thornley Ulverly Vantry Wexmoor Yarrowe
"""
CATEGORY_NAMES = "Shoes Shirts Jackets Bags Toys Books Kitchen Garden Sports Beauty Audio Lighting"
BRANDS: tuple[str, ...] = tuple(BRAND_NAMES.split())
CATEGORIES: tuple[str, ...] = tuple(CATEGORY_NAMES.split())
N_PRODUCTS = 240
LINES_PER_ORDER = {1: 0.77, 2: 0.17, 3: 0.06}

COST_SHARE = 0.54
COST_RANGE = 0.12  # products lie within half of it on either side
RETURN_RATE = 0.05
CUSTOMER_COST_SPREAD = 0.05
HANDLING_COST = 6.0
RETURN_WAIT = 9.0

DISCOUNTS = [k / 20 for k in range(13)]  # 0 to 0.6 of list price
REGULAR_DISCOUNTS = [60, 8, 12, 7, 7, 3, 3, 0, 0, 0, 0, 0, 0]
BARGAIN_DISCOUNTS = [2, 0, 1, 0, 2, 0, 4, 5, 12, 14, 26, 20, 14]
BARGAIN_HUNTERS = 0.13
BARGAIN_RETURNS = 3.0

HOURLY_ORDERS = [5, 3, 2, 1, 1, 2, 5, 10, 16, 20, 22, 22, 24, 22, 20, 20, 21, 23, 27, 31, 33, 29, 20, 11]
CLOCK_STEPS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Factors and costs of the three planted facts; all neutral where nothing is planted."""

    toxic_brand: str = "Fennick"
    toxic_rate: float = 1.0
    toxic_returns: float = 1.0
    toxic_cost: float = 0.0
    loyal_city: str = "Leipzig"
    loyal_dropout: float = 1.0
    sticky_campaign: str = "referral"
    sticky_rate: float = 1.0

    def described(self) -> list[dict[str, Any]]:
        """One entry a fact, as `truth.json` lists them."""
        return [
            {
                "fact": "toxic brand",
                "dimension": "brand",
                "value": self.toxic_brand,
                "meaning": "customers whose first order has it buy at `purchase_rate` times their rate; its lines "
                "come back `return_rate` times as often and cost `cost_share` more of list price",
                "effects": {
                    "purchase_rate": self.toxic_rate,
                    "return_rate": self.toxic_returns,
                    "cost_share": self.toxic_cost,
                },
            },
            {
                "fact": "loyal city",
                "dimension": "city",
                "value": self.loyal_city,
                "meaning": "its customers leave at `dropout` times their probability (Pareto/NBD: rate) of leaving",
                "effects": {"dropout": self.loyal_dropout},
            },
            {
                "fact": "sticky campaign",
                "dimension": "campaign",
                "value": self.sticky_campaign,
                "meaning": "customers acquired by it buy at `purchase_rate` times their rate: more buy again",
                "effects": {"purchase_rate": self.sticky_rate},
            },
        ]


NEUTRAL = Effects()
PLANTED = Effects(toxic_rate=0.1, toxic_returns=3.0, toxic_cost=0.15, loyal_dropout=0.3, sticky_rate=3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """An article: `weight` is its probability in a line, `cost_share` of list price."""

    name: str
    brand: str
    category: str
    weight: float
    cost_share: float
    return_rate: float


def normalised(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale weights to sum to 1."""
    scaled: NDArray[np.float64] = weights / weights.sum()
    return scaled


def zipf(n: int, exponent: float) -> NDArray[np.float64]:
    """Weights of n ranks, falling with the given power, that sum to 1."""
    return normalised(np.arange(1, n + 1, dtype=np.float64) ** -exponent)


CITIES: dict[str, float] = dict(zip(CITY_NAMES.split(), zipf(len(CITY_NAMES.split()), 0.8).tolist(), strict=True))


def products(effects: Effects) -> list[Product]:
    """Every product; brands get every 24th, popularity ranks and costs are spread over them evenly."""
    popularity = zipf(N_PRODUCTS, 0.6)
    vary = COST_RANGE if effects != NEUTRAL else 0.0
    catalogue = []
    for i in range(N_PRODUCTS):
        brand = BRANDS[i % len(BRANDS)]
        category = CATEGORIES[(i * 7 // len(BRANDS)) % len(CATEGORIES)]
        toxic = brand == effects.toxic_brand
        spread = math.modf((i + 1) * 0.6180339887498949)[0] - 0.5  # golden-ratio steps: even, and unlike the ranks
        catalogue.append(
            Product(
                name=f"{brand} {category} {i + 1:03d}",
                brand=brand,
                category=category,
                weight=float(popularity[(i * 89 + 13) % N_PRODUCTS]),  # 89 and 240 are coprime: each rank once
                cost_share=round(COST_SHARE + vary * spread + (effects.toxic_cost if toxic else 0.0), 4),
                return_rate=RETURN_RATE * (effects.toxic_returns if toxic else 1.0),
            )
        )
    return catalogue


def cumulative(weights: list[float]) -> NDArray[np.float64]:
    """Cumulative probabilities; the last one is exactly 1."""
    total = np.cumsum(np.asarray(weights, dtype=np.float64))
    total /= total[-1]
    return total


def quantiles_of_day() -> NDArray[np.float64]:
    """Share of the day passed by the time that each of CLOCK_STEPS equal shares of its orders has come in."""
    passed = np.concatenate([[0.0], cumulative([float(orders) for orders in HOURLY_ORDERS])])
    return np.interp(np.linspace(0.0, 1.0, CLOCK_STEPS + 1), passed, np.arange(25) / 24)


def market(effects: Effects, season: NDArray[np.float64] | None = None) -> Market:
    """Put the catalogue into the kernels' tables; `season`: operational days at each midnight, None for none."""
    articles = products(effects)
    toxic = np.array([article.brand == effects.toxic_brand for article in articles])
    return Market(
        city=cumulative(list(CITIES.values())),
        campaign=cumulative(list(CAMPAIGNS.values())),
        channel=cumulative(list(CHANNELS.values())),
        product=cumulative([article.weight for article in articles]),
        basket=cumulative(list(LINES_PER_ORDER.values())),
        discount=np.array([cumulative(list(map(float, row))) for row in (REGULAR_DISCOUNTS, BARGAIN_DISCOUNTS)]),
        discount_share=np.array(DISCOUNTS),
        city_dropout=np.array([effects.loyal_dropout if city == effects.loyal_city else 1.0 for city in CITIES]),
        campaign_rate=np.array([effects.sticky_rate if name == effects.sticky_campaign else 1.0 for name in CAMPAIGNS]),
        product_rate=np.where(toxic, effects.toxic_rate, 1.0),
        product_cost=np.array([article.cost_share for article in articles]),
        product_return=np.array([article.return_rate for article in articles]),
        habit_share=BARGAIN_HUNTERS,
        habit_return=np.array([1.0, BARGAIN_RETURNS]),
        cost_spread=CUSTOMER_COST_SPREAD,
        handling_cost=HANDLING_COST,
        return_wait=RETURN_WAIT,
        time_of_day=quantiles_of_day(),
        season=np.empty(0) if season is None else season,
    )
