"""Files beside the orders, whose rows are of customers: events, answers, tickets, contracts."""

from whalecurve.engine.side_inputs.columns import Kind, SideRole
from whalecurve.engine.side_inputs.preset import SidePreset, side_presets
from whalecurve.engine.side_inputs.side_input import REFUSED, SideInput, open_side_input
from whalecurve.engine.side_inputs.tallies import Tally, tally

__all__ = [
    "REFUSED",
    "Kind",
    "SideInput",
    "SidePreset",
    "SideRole",
    "Tally",
    "open_side_input",
    "side_presets",
    "tally",
]
