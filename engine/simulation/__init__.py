"""An order log without data."""

from whalecurve.engine.simulation.simulate import Simulation

__all__ = ["Simulation"]
