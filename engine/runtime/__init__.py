"""The machine at hand: memory, threads, buffers and tables that are read as they come."""

from whalecurve.engine.runtime.first_compile import compiling
from whalecurve.engine.runtime.growing_array import GrowingArray
from whalecurve.engine.runtime.kernel_arguments import frozen
from whalecurve.engine.runtime.kernel_expression import kernel_expr
from whalecurve.engine.runtime.memory import Budget, hash_passes, memory_budget
from whalecurve.engine.runtime.read_ahead import little_ahead
from whalecurve.engine.runtime.table_source import SeriesByName, batches, lazy_tables
from whalecurve.engine.runtime.threads import refuse_lost_pool

__all__ = [
    "Budget",
    "GrowingArray",
    "SeriesByName",
    "batches",
    "compiling",
    "frozen",
    "hash_passes",
    "kernel_expr",
    "lazy_tables",
    "little_ahead",
    "memory_budget",
    "refuse_lost_pool",
]
