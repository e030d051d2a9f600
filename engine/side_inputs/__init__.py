"""Files beside the orders, whose rows are of customers: events, answers, tickets, contracts."""

from whalecurve.engine.side_inputs.columns import Kind, SideRole
from whalecurve.engine.side_inputs.side_input import REFUSED, SideInput, open_side_input
from whalecurve.engine.side_inputs.tally import Tally, tally

__all__ = ["REFUSED", "Kind", "SideInput", "SideRole", "Tally", "open_side_input", "tally"]
