"""What a simulated log was made from: the content of `truth.json`."""

from dataclasses import asdict
from typing import Any

from whalecurve.engine.simulation import catalogue, population
from whalecurve.engine.simulation.catalogue import NEUTRAL, Effects
from whalecurve.kernels.simulation import LONGEST_RETURN, SHORTEST_RETURN

PURCHASE_NAMES = {
    "bgnbd": ("r", "alpha", "a", "b"),
    "pnbd": ("r", "alpha", "s", "beta"),
    "bgcnbd": ("r", "alpha", "a", "b"),
    "mbgcnbd": ("r", "alpha", "a", "b"),
}
STAGED = ("bgcnbd", "mbgcnbd")
"""Models whose gaps between orders have stages."""

SPEND_NAMES = ("p", "q", "v")
NEUTRAL_DIMENSIONS = ["product", "category", "brand", "city", "channel", "campaign"]

COLUMNS = {
    "customer_id": 'from 1, in order of acquisition day; as a string, "C" and ten digits',
    "order_ts": "microseconds, no time zone; one instant for all sale lines of an order",
    "order_id": "from 1, in time order; a return line carries the id of the order it belongs to",
    "amount": "net revenue of the line after discount; negative on a return line",
    "margin": "amount less cost; a return line takes its sale line's margin back and pays handling",
    "product": "each product has one brand and one category",
    "category": "category of the product",
    "brand": "brand of the product",
    "city": "city of the customer",
    "channel": "channel of the order",
    "campaign": "campaign that acquired the customer, on the lines of the first order; null on later orders",
    "discount": "share of list price taken off, the same for all lines of an order",
}


def behaviour() -> dict[str, Any]:
    """Everything about orders that is neither planted nor a model parameter."""
    return {
        "lines_per_order": {str(n): share for n, share in catalogue.LINES_PER_ORDER.items()},
        "discounts": catalogue.DISCOUNTS,
        "discount_weights": {"regular": catalogue.REGULAR_DISCOUNTS, "bargain": catalogue.BARGAIN_DISCOUNTS},
        "bargain_hunters": catalogue.BARGAIN_HUNTERS,
        "bargain_return_factor": catalogue.BARGAIN_RETURNS,
        "margin": "amount * (1 - cost_share / (1 - discount)), cost_share being the product's plus the customer's",
        "customer_cost_share": {"mean": 0.0, "standard_deviation": catalogue.CUSTOMER_COST_SPREAD},
        "handling_cost_per_return": catalogue.HANDLING_COST,
        "days_to_return": {"least": SHORTEST_RETURN, "mean_beyond": catalogue.RETURN_WAIT, "most": LONGEST_RETURN},
        "acquisition": {
            "annual_growth": population.ANNUAL_GROWTH,
            "yearly_swing": population.YEARLY_SWING,
            "peak_day_of_year": population.PEAK_DAY_OF_YEAR,
            "weekday_factors": population.WEEKDAY_FACTORS,
        },
        "hourly_orders": catalogue.HOURLY_ORDERS,
    }


def season_described(swing: float) -> dict[str, Any]:
    """The season of the rates of purchases."""
    return {
        "swing": swing,
        "peak_day_of_year": population.PEAK_DAY_OF_YEAR,
        "meaning": "purchases come at 1 + swing * cos(2 pi (day of year - peak) / 365.25) times the customer's rate",
    }


def described(
    model: str, purchase: tuple[float, ...], spend: tuple[float, ...], effects: Effects, stages: int = 1
) -> dict[str, Any]:
    """Return every parameter of the simulation: models, planted facts, behaviour, catalogue, columns."""
    of_stages = {"k": stages} if model in STAGED else {}
    return {
        "transactions": {
            "model": model,
            "params": of_stages | dict(zip(PURCHASE_NAMES[model], purchase, strict=True)),
            "unit": "days",
            "note": "of customers whom no planted fact touches",
        },
        "spend": {
            "model": "gamma_gamma",
            "params": dict(zip(SPEND_NAMES, spend, strict=True)),
            "note": "revenue of one order, all its lines, before returns",
        },
        "planted": [] if effects == NEUTRAL else effects.described(),
        "independent_dimensions": NEUTRAL_DIMENSIONS if effects == NEUTRAL else [],
        "columns": COLUMNS,
        "behaviour": behaviour(),
        "dimensions": {"city": catalogue.CITIES, "campaign": catalogue.CAMPAIGNS, "channel": catalogue.CHANNELS},
        "products": [asdict(product) for product in catalogue.products(effects)],
    }
