"""whalecurve: what each customer is worth, and what to do about it, from order logs of any size.

    import whalecurve as wc

    run = wc.score("orders/*.parquet", out="result", columns={"amount": "price * quantity"})
    run.segments                     # a Polars frame
    run.customers.head(5).collect()  # one row per customer, read when it is asked for
    run.report(out="report.html")

Functions have the names of the commands of `whalecurve --help`. They take files, directories, globs, URLs, tables of
Delta Lake and Iceberg, frames of Polars, pandas, Arrow and DuckDB, and a `Query` of a database; `columns`, `window`,
`scoring` and other settings are dicts, or the classes of these names. Input that cannot be worked with raises
`InputError`. Nothing is loaded before it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whalecurve.engine import Acquiring as Acquiring
    from whalecurve.engine import AcquisitionCosts as AcquisitionCosts
    from whalecurve.engine import Activity as Activity
    from whalecurve.engine import ActivitySettings as ActivitySettings
    from whalecurve.engine import Assigned as Assigned
    from whalecurve.engine import Basketing as Basketing
    from whalecurve.engine import BasketStudy as BasketStudy
    from whalecurve.engine import Budget as Budget
    from whalecurve.engine import Budgeting as Budgeting
    from whalecurve.engine import Check as Check
    from whalecurve.engine import Clustered as Clustered
    from whalecurve.engine import ClusterSettings as ClusterSettings
    from whalecurve.engine import Columns as Columns
    from whalecurve.engine import Concentrated as Concentrated
    from whalecurve.engine import Converted as Converted
    from whalecurve.engine import Design as Design
    from whalecurve.engine import Experience as Experience
    from whalecurve.engine import ExperienceSettings as ExperienceSettings
    from whalecurve.engine import Explained as Explained
    from whalecurve.engine import Explaining as Explaining
    from whalecurve.engine import Exported as Exported
    from whalecurve.engine import Exporting as Exporting
    from whalecurve.engine import Fit as Fit
    from whalecurve.engine import Habits as Habits
    from whalecurve.engine import HabitSettings as HabitSettings
    from whalecurve.engine import InputError as InputError
    from whalecurve.engine import LabelValidation as LabelValidation
    from whalecurve.engine import Levers as Levers
    from whalecurve.engine import Measured as Measured
    from whalecurve.engine import Movement as Movement
    from whalecurve.engine import Newcomers as Newcomers
    from whalecurve.engine import NewcomerSettings as NewcomerSettings
    from whalecurve.engine import NotIdentifiedError as NotIdentifiedError
    from whalecurve.engine import PlannedExperiment as PlannedExperiment
    from whalecurve.engine import Planning as Planning
    from whalecurve.engine import Profiled as Profiled
    from whalecurve.engine import Profiling as Profiling
    from whalecurve.engine import Proposal as Proposal
    from whalecurve.engine import Query as Query
    from whalecurve.engine import Readout as Readout
    from whalecurve.engine import Report as Report
    from whalecurve.engine import Run as Run
    from whalecurve.engine import Sampled as Sampled
    from whalecurve.engine import Sampling as Sampling
    from whalecurve.engine import Scoring as Scoring
    from whalecurve.engine import Seeding as Seeding
    from whalecurve.engine import SimulatedLog as SimulatedLog
    from whalecurve.engine import Simulation as Simulation
    from whalecurve.engine import Subscriptions as Subscriptions
    from whalecurve.engine import SubscriptionSettings as SubscriptionSettings
    from whalecurve.engine import Supposed as Supposed
    from whalecurve.engine import Triggered as Triggered
    from whalecurve.engine import Triggering as Triggering
    from whalecurve.engine import Validation as Validation
    from whalecurve.engine import Window as Window
    from whalecurve.engine import acquisition_costs as acquisition
    from whalecurve.engine import assign_experiment as assign_experiment
    from whalecurve.engine import check_orders as check
    from whalecurve.engine import compare as compare
    from whalecurve.engine import concentrate as concentration
    from whalecurve.engine import convert as convert
    from whalecurve.engine import customer_summary as customer_summary
    from whalecurve.engine import explain as explain
    from whalecurve.engine import export as export
    from whalecurve.engine import find_clusters as clusters
    from whalecurve.engine import find_habits as habits
    from whalecurve.engine import find_triggers as triggers
    from whalecurve.engine import fit_histories as fit_histories
    from whalecurve.engine import fit_spend as fit_spend
    from whalecurve.engine import lay_out as budget
    from whalecurve.engine import measure as measures
    from whalecurve.engine import measure_activity as activity
    from whalecurve.engine import measure_experience as experience
    from whalecurve.engine import measure_subscriptions as subscriptions
    from whalecurve.engine import open_run as open_run
    from whalecurve.engine import plan_experiment as plan_experiment
    from whalecurve.engine import profile as profile
    from whalecurve.engine import propose as init
    from whalecurve.engine import read_experiment as read_experiment
    from whalecurve.engine import report as report
    from whalecurve.engine import sample as sample
    from whalecurve.engine import scan_orders as scan_orders
    from whalecurve.engine import schema as schema
    from whalecurve.engine import score as score
    from whalecurve.engine import set_storage_options as set_storage_options
    from whalecurve.engine import simulate as simulate
    from whalecurve.engine import study_baskets as baskets
    from whalecurve.engine import validate as validate
    from whalecurve.engine import validate_labels as validate_labels
    from whalecurve.engine import value_newcomers as newcomers
    from whalecurve.engine import warm_up as warmup
    from whalecurve.engine import whatif as whatif
    from whalecurve.engine import write_settings as write_settings

    __version__: str

_OTHERWISE = {
    "acquisition": "acquisition_costs",
    "activity": "measure_activity",
    "baskets": "study_baskets",
    "budget": "lay_out",
    "newcomers": "value_newcomers",
    "experience": "measure_experience",
    "subscriptions": "measure_subscriptions",
    "check": "check_orders",
    "clusters": "find_clusters",
    "concentration": "concentrate",
    "init": "propose",
    "habits": "find_habits",
    "measures": "measure",
    "triggers": "find_triggers",
    "warmup": "warm_up",
}
"""Functions that have another name in `whalecurve.engine`, where some of these are packages."""

_PACKAGES = ("cli", "engine", "kernels")

__all__ = [
    "Acquiring",
    "AcquisitionCosts",
    "Activity",
    "ActivitySettings",
    "Assigned",
    "BasketStudy",
    "Basketing",
    "Budget",
    "Budgeting",
    "Check",
    "ClusterSettings",
    "Clustered",
    "Columns",
    "Concentrated",
    "Converted",
    "Design",
    "Experience",
    "ExperienceSettings",
    "Explained",
    "Explaining",
    "Exported",
    "Exporting",
    "Fit",
    "HabitSettings",
    "Habits",
    "InputError",
    "LabelValidation",
    "Levers",
    "Measured",
    "Movement",
    "NewcomerSettings",
    "Newcomers",
    "NotIdentifiedError",
    "PlannedExperiment",
    "Planning",
    "Profiled",
    "Profiling",
    "Proposal",
    "Query",
    "Readout",
    "Report",
    "Run",
    "Sampled",
    "Sampling",
    "Scoring",
    "Seeding",
    "SimulatedLog",
    "Simulation",
    "SubscriptionSettings",
    "Subscriptions",
    "Supposed",
    "Triggered",
    "Triggering",
    "Validation",
    "Window",
    "__version__",
    "acquisition",
    "activity",
    "assign_experiment",
    "baskets",
    "budget",
    "check",
    "clusters",
    "compare",
    "concentration",
    "convert",
    "customer_summary",
    "experience",
    "explain",
    "export",
    "fit_histories",
    "fit_spend",
    "habits",
    "init",
    "measures",
    "newcomers",
    "open_run",
    "plan_experiment",
    "profile",
    "read_experiment",
    "report",
    "sample",
    "scan_orders",
    "schema",
    "score",
    "set_storage_options",
    "simulate",
    "subscriptions",
    "triggers",
    "validate",
    "validate_labels",
    "warmup",
    "whatif",
    "write_settings",
]


def __getattr__(name: str) -> object:
    if name not in __all__ and name not in _PACKAGES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _PACKAGES:
        return import_module(f"{__name__}.{name}")
    if name == "__version__":
        from importlib.metadata import version

        exported: object = version("whalecurve")
    else:
        exported = getattr(import_module("whalecurve.engine"), _OTHERWISE.get(name, name))
    globals()[name] = exported
    return exported


def __dir__() -> list[str]:
    return sorted({*__all__, *_PACKAGES})
