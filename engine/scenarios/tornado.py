"""One assumption moved at a time, from today: which of them matter."""

import polars as pl

from whalecurve.engine.scenarios.basis import Basis
from whalecurve.engine.scenarios.changed_rates import NONE, Change
from whalecurve.engine.scenarios.evaluation import Evaluated
from whalecurve.engine.scenarios.pairs import Pairs
from whalecurve.engine.scenarios.settings import Levers
from whalecurve.engine.scenarios.sums import ALL

SHIFTS = (-0.2, -0.1, 0.1, 0.2)
RANKED_BY = (-0.1, 0.1)
"""The shifts between which the swing is taken that assumptions are in the order of."""

SCHEMA = {
    "assumption": pl.String,
    "shift": pl.Float64,
    "clv": pl.Float64,
    "difference": pl.Float64,
    "swing": pl.Float64,
}
PARAMETERS = {"purchases": "purchase_parameters", "spend": "spend_parameters"}


def tornado_of(basis: Basis, pairs: Pairs, found: Evaluated, z: float) -> pl.DataFrame:
    """CLV of all customers with one assumption shifted, widest swing first.

    Odds of staying, purchase rate, value of a purchase, discount rate and horizon are shifted by shares of what they
    are. The parameters of a model are shifted as far as their interval goes, z standard errors of the CLV either way;
    without standard errors they are not there.

    Returns
    -------
    assumption, shift, clv, difference to now, swing (CLV at a tenth more less that at a tenth less, as a size)
    """
    now = found.of(ALL, None)["now"]
    rows = []
    for name, by_shift in _differences(basis, pairs, found, z).items():
        least, most = (by_shift[shift] for shift in (RANKED_BY if RANKED_BY[0] in by_shift else by_shift))
        rows += [
            {
                "assumption": name,
                "shift": shift,
                "clv": now + difference,
                "difference": difference,
                "swing": abs(most - least),
            }
            for shift, difference in by_shift.items()
        ]
    return pl.DataFrame(rows, schema=SCHEMA).sort("swing", descending=True, maintain_order=True)


def _differences(basis: Basis, pairs: Pairs, found: Evaluated, z: float) -> dict[str, dict[float, float]]:
    fit, steps = basis.purchases, basis.steps()
    value = pairs.value(fit, NONE, steps)
    rate, days = basis.scoring.annual_discount, basis.scoring.horizon_days
    differences: dict[str, dict[float, float]] = {}
    for shift in SHIFTS:
        factor = 1.0 + shift
        shifted = {
            "retention": pairs.value(fit, Change(odds=factor), steps),
            "purchase_rate": pairs.value(fit, Change(rate=factor), steps),
            "basket": value * factor,
            "annual_discount": pairs.value(fit, NONE, basis.steps(Levers(annual_discount=rate * factor))),
            "horizon_days": pairs.value(fit, NONE, basis.steps(Levers(horizon_days=max(1, round(days * factor))))),
        }
        for name, then in shifted.items():
            differences.setdefault(name, {})[shift] = then - value
    for model, name in PARAMETERS.items():
        error = found.error_by(model)
        if error is not None:
            differences[name] = {-z: -z * error, z: z * error}
    return differences
