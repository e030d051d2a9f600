"""Customers whose purchase rate and dropout depend on their traits, drawn from the models' definitions in NumPy."""

import numpy as np

from whalecurve.engine.models.covariates.design import Design

PARAMS = {
    "bgnbd": {"r": 0.7, "alpha": 9.0, "a": 0.8, "b": 3.0},
    "mbgnbd": {"r": 0.7, "alpha": 9.0, "a": 0.8, "b": 3.0},
    "pnbd": {"r": 0.8, "alpha": 9.0, "s": 0.9, "beta": 20.0},
}
PURCHASE = {"age": 0.4, "is_member": -0.5}
DROPOUT = {"age": -0.6, "is_member": 0.8}
SEPARATE = {"dropout_a": {"age": 0.5, "is_member": -0.4}, "dropout_b": {"age": -0.3, "is_member": 0.6}}


def traits(n, rng):
    return Design(names=("age", "is_member"), values=np.column_stack([rng.normal(size=n), rng.random(n) < 0.4]) * 1.0)


def effect(design, coefficients):
    return design.values @ np.array([coefficients[name] for name in design.names])


def bought(rate, lifetime, survives, T, rng):
    """Purchases one after the other, until the lifetime or the coin ends them or T is reached."""
    x, t_x, now = np.zeros(T.size), np.zeros(T.size), np.zeros(T.size)
    active = np.ones(T.size, dtype=bool)
    while active.any():
        now[active] += rng.exponential(1.0 / rate[active])
        active &= now <= np.minimum(T, lifetime)
        x[active] += 1
        t_x[active] = now[active]
        active &= survives()
    return x, t_x


def simulated(model, n, seed=1, kinds=None):
    """Histories of customers with covariates, in NumPy, from the definition of the models."""
    rng = np.random.default_rng(seed)
    p, design = PARAMS[model], traits(n, rng)
    T = rng.integers(30, 120, n).astype(float)
    rate = rng.gamma(p["r"], 1.0 / p["alpha"], n) * np.exp(effect(design, PURCHASE))
    if model == "pnbd":
        lifetime = rng.exponential(p["beta"] / (rng.gamma(p["s"], 1.0, n) * np.exp(effect(design, DROPOUT))))
        x, t_x = bought(rate, lifetime, lambda: True, T, rng)
        return x, t_x, T, design
    if kinds:
        a, b = (p[name] * np.exp(effect(design, kinds[f"dropout_{name}"])) for name in ("a", "b"))
    else:
        a, b = (p[name] * np.exp(half * effect(design, DROPOUT)) for name, half in (("a", 0.5), ("b", -0.5)))
    leaves = rng.beta(a, b)
    stays_at_first = (rng.random(n) >= leaves) | (model == "bgnbd")
    x, t_x = bought(rate, np.where(stays_at_first, np.inf, 0.0), lambda: rng.random(n) >= leaves, T, rng)
    return x, t_x, T, design
