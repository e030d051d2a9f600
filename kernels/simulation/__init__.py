"""Order logs drawn from the models."""

from whalecurve.kernels.simulation.customers import acquire, due_orders, time_sequence
from whalecurve.kernels.simulation.lines import LONGEST_RETURN, SHORTEST_RETURN, due_returns, write_lines
from whalecurve.kernels.simulation.market import CUSTOMER, DAY, LINE, Market, Model, Records

__all__ = [
    "CUSTOMER",
    "DAY",
    "LINE",
    "LONGEST_RETURN",
    "SHORTEST_RETURN",
    "Market",
    "Model",
    "Records",
    "acquire",
    "due_orders",
    "due_returns",
    "time_sequence",
    "write_lines",
]
