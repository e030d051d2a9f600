"""Simulated order logs: drawn from the models, with facts planted."""

from whalecurve.engine.simulation.simulate import Simulation

__all__ = ["Simulation"]
