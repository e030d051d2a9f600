"""Order logs in, scored customers out.

Nothing is loaded before it is asked for: a name's home is imported with its first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whalecurve.engine.acquisition.acquisition_costs import acquisition_costs as acquisition_costs
    from whalecurve.engine.acquisition.results import AcquisitionCosts as AcquisitionCosts
    from whalecurve.engine.acquisition.settings import Acquiring as Acquiring
    from whalecurve.engine.activity.measure_activity import measure_activity as measure_activity
    from whalecurve.engine.activity.results import Activity as Activity
    from whalecurve.engine.activity.settings import ActivitySettings as ActivitySettings
    from whalecurve.engine.audiences.export import export as export
    from whalecurve.engine.audiences.results import Exported as Exported
    from whalecurve.engine.audiences.settings import Exporting as Exporting
    from whalecurve.engine.audit.audit import Audit as Audit
    from whalecurve.engine.audit.audit import audit_orders as audit_orders
    from whalecurve.engine.audit.audit import refused_rows as refused_rows
    from whalecurve.engine.audit.check import Check as Check
    from whalecurve.engine.audit.check import check_orders as check_orders
    from whalecurve.engine.baskets.results import BasketStudy as BasketStudy
    from whalecurve.engine.baskets.settings import Basketing as Basketing
    from whalecurve.engine.baskets.study_baskets import study_baskets as study_baskets
    from whalecurve.engine.budgeting.lay_out import lay_out as lay_out
    from whalecurve.engine.budgeting.results import Budget as Budget
    from whalecurve.engine.budgeting.settings import Budgeting as Budgeting
    from whalecurve.engine.clusters.find_clusters import find_clusters as find_clusters
    from whalecurve.engine.clusters.results import Clustered as Clustered
    from whalecurve.engine.clusters.settings import ClusterSettings as ClusterSettings
    from whalecurve.engine.comparison.compare import compare as compare
    from whalecurve.engine.comparison.results import Movement as Movement
    from whalecurve.engine.concentration.concentrate import concentrate as concentrate
    from whalecurve.engine.concentration.results import Breakdown as Breakdown
    from whalecurve.engine.concentration.results import Concentrated as Concentrated
    from whalecurve.engine.conversion.convert import Converted as Converted
    from whalecurve.engine.conversion.convert import convert as convert
    from whalecurve.engine.errors import InputError as InputError
    from whalecurve.engine.errors import Message as Message
    from whalecurve.engine.errors import NotIdentifiedError as NotIdentifiedError
    from whalecurve.engine.experience.measure_experience import measure_experience as measure_experience
    from whalecurve.engine.experience.results import Experience as Experience
    from whalecurve.engine.experience.settings import ExperienceSettings as ExperienceSettings
    from whalecurve.engine.experiments.assign import assign_experiment as assign_experiment
    from whalecurve.engine.experiments.design import Design as Design
    from whalecurve.engine.experiments.results import Assigned as Assigned
    from whalecurve.engine.explanation.explain import explain as explain
    from whalecurve.engine.explanation.results import Explained as Explained
    from whalecurve.engine.explanation.settings import Explaining as Explaining
    from whalecurve.engine.habits.find_habits import find_habits as find_habits
    from whalecurve.engine.habits.results import Habits as Habits
    from whalecurve.engine.habits.settings import HabitSettings as HabitSettings
    from whalecurve.engine.label_checks.results import LabelValidation as LabelValidation
    from whalecurve.engine.label_checks.validate_labels import validate_labels as validate_labels
    from whalecurve.engine.models.fitted_model import Fit as Fit
    from whalecurve.engine.models.maximum_likelihood import fit_histories as fit_histories
    from whalecurve.engine.models.maximum_likelihood import fit_spend as fit_spend
    from whalecurve.engine.newcomers.results import Newcomers as Newcomers
    from whalecurve.engine.newcomers.settings import NewcomerSettings as NewcomerSettings
    from whalecurve.engine.newcomers.value_newcomers import value_newcomers as value_newcomers
    from whalecurve.engine.object_stores.options import set_storage_options as set_storage_options
    from whalecurve.engine.order_files.queries import Query as Query
    from whalecurve.engine.orders.log import Orders as Orders
    from whalecurve.engine.orders.opening import scan_orders as scan_orders
    from whalecurve.engine.planning.plan import plan_experiment as plan_experiment
    from whalecurve.engine.planning.results import PlannedExperiment as PlannedExperiment
    from whalecurve.engine.planning.settings import Planning as Planning
    from whalecurve.engine.profiling.profile import profile as profile
    from whalecurve.engine.profiling.results import Profiled as Profiled
    from whalecurve.engine.profiling.settings import Profiling as Profiling
    from whalecurve.engine.profiling.settings import Seeding as Seeding
    from whalecurve.engine.proposal.output import write_settings as write_settings
    from whalecurve.engine.proposal.propose import propose as propose
    from whalecurve.engine.proposal.results import Proposal as Proposal
    from whalecurve.engine.publication.read import Result as Result
    from whalecurve.engine.publication.read import open_result as open_result
    from whalecurve.engine.publication.schema import schema as schema
    from whalecurve.engine.readouts.read import read_experiment as read_experiment
    from whalecurve.engine.readouts.results import Readout as Readout
    from whalecurve.engine.reporting.report import report as report
    from whalecurve.engine.reporting.results import Report as Report
    from whalecurve.engine.runtime.first_compile import compiling as compiling
    from whalecurve.engine.sampling.results import Sampled as Sampled
    from whalecurve.engine.sampling.sample import sample as sample
    from whalecurve.engine.sampling.settings import Sampling as Sampling
    from whalecurve.engine.scenarios.results import Supposed as Supposed
    from whalecurve.engine.scenarios.settings import Levers as Levers
    from whalecurve.engine.scenarios.whatif import whatif as whatif
    from whalecurve.engine.scoring.measure import Measured as Measured
    from whalecurve.engine.scoring.measure import measure as measure
    from whalecurve.engine.scoring.old_run import OldRun as OldRun
    from whalecurve.engine.scoring.old_run import open_old_run as open_old_run
    from whalecurve.engine.scoring.run import Run as Run
    from whalecurve.engine.scoring.run import open_run as open_run
    from whalecurve.engine.scoring.score import plan_score as plan_score
    from whalecurve.engine.scoring.score import score as score
    from whalecurve.engine.settings import Columns as Columns
    from whalecurve.engine.settings import Scoring as Scoring
    from whalecurve.engine.settings import Window as Window
    from whalecurve.engine.simulation.simulate import SimulatedLog as SimulatedLog
    from whalecurve.engine.simulation.simulate import Simulation as Simulation
    from whalecurve.engine.simulation.simulate import simulate as simulate
    from whalecurve.engine.store.summary import customer_summary as customer_summary
    from whalecurve.engine.subscriptions.measure_subscriptions import measure_subscriptions as measure_subscriptions
    from whalecurve.engine.subscriptions.results import Subscriptions as Subscriptions
    from whalecurve.engine.subscriptions.settings import SubscriptionSettings as SubscriptionSettings
    from whalecurve.engine.triggers.find_triggers import find_triggers as find_triggers
    from whalecurve.engine.triggers.results import Triggered as Triggered
    from whalecurve.engine.triggers.settings import Triggering as Triggering
    from whalecurve.engine.validation.results import Validation as Validation
    from whalecurve.engine.validation.validate import validate as validate
    from whalecurve.engine.warmup import Warmup as Warmup
    from whalecurve.engine.warmup import warm_up as warm_up

_HOMES = {
    "acquisition.acquisition_costs": ("acquisition_costs",),
    "acquisition.results": ("AcquisitionCosts",),
    "acquisition.settings": ("Acquiring",),
    "activity.measure_activity": ("measure_activity",),
    "activity.results": ("Activity",),
    "activity.settings": ("ActivitySettings",),
    "audiences.export": ("export",),
    "audiences.results": ("Exported",),
    "audiences.settings": ("Exporting",),
    "budgeting.lay_out": ("lay_out",),
    "budgeting.results": ("Budget",),
    "budgeting.settings": ("Budgeting",),
    "clusters.find_clusters": ("find_clusters",),
    "clusters.results": ("Clustered",),
    "clusters.settings": ("ClusterSettings",),
    "comparison.compare": ("compare",),
    "comparison.results": ("Movement",),
    "concentration.concentrate": ("concentrate",),
    "concentration.results": (
        "Breakdown",
        "Concentrated",
    ),
    "conversion.convert": (
        "Converted",
        "convert",
    ),
    "errors": (
        "InputError",
        "Message",
        "NotIdentifiedError",
    ),
    "experiments.assign": ("assign_experiment",),
    "experiments.design": ("Design",),
    "experiments.results": ("Assigned",),
    "subscriptions.measure_subscriptions": ("measure_subscriptions",),
    "subscriptions.results": ("Subscriptions",),
    "subscriptions.settings": ("SubscriptionSettings",),
    "experience.measure_experience": ("measure_experience",),
    "experience.results": ("Experience",),
    "experience.settings": ("ExperienceSettings",),
    "explanation.explain": ("explain",),
    "explanation.results": ("Explained",),
    "baskets.results": ("BasketStudy",),
    "baskets.settings": ("Basketing",),
    "baskets.study_baskets": ("study_baskets",),
    "habits.find_habits": ("find_habits",),
    "habits.results": ("Habits",),
    "habits.settings": ("HabitSettings",),
    "explanation.settings": ("Explaining",),
    "store.summary": ("customer_summary",),
    "order_files.queries": ("Query",),
    "models.fitted_model": ("Fit",),
    "models.maximum_likelihood": (
        "fit_histories",
        "fit_spend",
    ),
    "audit.audit": (
        "Audit",
        "audit_orders",
        "refused_rows",
    ),
    "audit.check": (
        "Check",
        "check_orders",
    ),
    "orders.log": ("Orders",),
    "orders.opening": ("scan_orders",),
    "planning.plan": ("plan_experiment",),
    "planning.results": ("PlannedExperiment",),
    "planning.settings": ("Planning",),
    "profiling.profile": ("profile",),
    "profiling.results": ("Profiled",),
    "profiling.settings": (
        "Profiling",
        "Seeding",
    ),
    "proposal.output": ("write_settings",),
    "proposal.propose": ("propose",),
    "proposal.results": ("Proposal",),
    "publication.read": (
        "Result",
        "open_result",
    ),
    "readouts.read": ("read_experiment",),
    "readouts.results": ("Readout",),
    "publication.schema": ("schema",),
    "reporting.report": ("report",),
    "reporting.results": ("Report",),
    "runtime.first_compile": ("compiling",),
    "sampling.results": ("Sampled",),
    "sampling.sample": ("sample",),
    "sampling.settings": ("Sampling",),
    "scenarios.results": ("Supposed",),
    "scenarios.settings": ("Levers",),
    "newcomers.results": ("Newcomers",),
    "newcomers.settings": ("NewcomerSettings",),
    "newcomers.value_newcomers": ("value_newcomers",),
    "scenarios.whatif": ("whatif",),
    "scoring.measure": (
        "Measured",
        "measure",
    ),
    "scoring.old_run": (
        "OldRun",
        "open_old_run",
    ),
    "scoring.run": (
        "Run",
        "open_run",
    ),
    "scoring.score": (
        "plan_score",
        "score",
    ),
    "settings": (
        "Columns",
        "Scoring",
        "Window",
    ),
    "object_stores.options": ("set_storage_options",),
    "simulation.simulate": (
        "SimulatedLog",
        "Simulation",
        "simulate",
    ),
    "triggers.find_triggers": ("find_triggers",),
    "triggers.results": ("Triggered",),
    "triggers.settings": ("Triggering",),
    "label_checks.results": ("LabelValidation",),
    "label_checks.validate_labels": ("validate_labels",),
    "validation.results": ("Validation",),
    "validation.validate": ("validate",),
    "warmup": (
        "Warmup",
        "warm_up",
    ),
}
"""The names that each module below this package gives to the world."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Acquiring",
    "AcquisitionCosts",
    "Activity",
    "ActivitySettings",
    "Assigned",
    "Audit",
    "BasketStudy",
    "Basketing",
    "Breakdown",
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
    "Message",
    "Movement",
    "NewcomerSettings",
    "Newcomers",
    "NotIdentifiedError",
    "OldRun",
    "Orders",
    "PlannedExperiment",
    "Planning",
    "Profiled",
    "Profiling",
    "Proposal",
    "Query",
    "Readout",
    "Report",
    "Result",
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
    "Warmup",
    "Window",
    "acquisition_costs",
    "assign_experiment",
    "audit_orders",
    "check_orders",
    "compare",
    "compiling",
    "concentrate",
    "convert",
    "customer_summary",
    "explain",
    "export",
    "find_clusters",
    "find_habits",
    "find_triggers",
    "fit_histories",
    "fit_spend",
    "lay_out",
    "measure",
    "measure_activity",
    "measure_experience",
    "measure_subscriptions",
    "open_old_run",
    "open_result",
    "open_run",
    "plan_experiment",
    "plan_score",
    "profile",
    "propose",
    "read_experiment",
    "refused_rows",
    "report",
    "sample",
    "scan_orders",
    "schema",
    "score",
    "set_storage_options",
    "simulate",
    "study_baskets",
    "validate",
    "validate_labels",
    "value_newcomers",
    "warm_up",
    "whatif",
    "write_settings",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    exported: object = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = exported
    return exported


def __dir__() -> list[str]:
    return sorted(__all__)
