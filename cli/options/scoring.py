"""Options that say how customers are scored, for every command that scores them."""

from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal

import typer

from whalecurve.cli.errors import OPTIONS
from whalecurve.cli.options.panels import ADVANCED_PANEL, SCORING_PANEL
from whalecurve.cli.options.values import days, days_or_auto, names_in

SETTINGS = {option.removeprefix("--").replace("-", "_"): setting for setting, option in OPTIONS.items()}
"""Settings of the engine by the names of the options that are called otherwise."""

Value = Annotated[
    Literal["margin", "revenue"] | None,
    typer.Option(
        help="What value is measured in.",
        show_default="margin where there is one, else revenue",
        rich_help_panel=SCORING_PANEL,
    ),
]

Spend = Annotated[
    Literal["gamma-gamma", "credibility", "mean", "frequency", "auto"],
    typer.Option(
        help="What one purchase is worth: by Gamma-Gamma (values above 0), or own means of any sign, shrunk towards "
        "the mean of all (credibility), a robust one (mean), or that of customers who buy as often (frequency); auto "
        "chooses, by the signs of value and a holdout.",
        rich_help_panel=SCORING_PANEL,
    ),
]


@dataclass(frozen=True, kw_only=True)
class ScoringOptions:
    """How customers are scored once a model is chosen."""

    horizon: Annotated[
        int,
        typer.Option(
            parser=days,
            metavar="SPAN",
            help="How far CLV looks ahead: 365d, 52w, 12m, 1y.",
            show_default="365d",
            rich_help_panel=SCORING_PANEL,
        ),
    ] = 365
    risk_horizon: Annotated[
        object,
        typer.Option(
            parser=days_or_auto,
            metavar="SPAN",
            help="How long without a purchase counts as lost: 180d; auto takes it from the gaps between purchases.",
            show_default="auto",
            rich_help_panel=SCORING_PANEL,
        ),
    ] = "auto"
    discount: Annotated[float, typer.Option(help="Annual discount rate.", rich_help_panel=SCORING_PANEL)] = 0.10
    spend: Spend = "gamma-gamma"
    value: Value = None
    season: Annotated[
        str,
        typer.Option(
            help="Season in the purchase rate, by week of the year: none; auto (only if it predicts better in "
            "backtests); estimate (always); or a CSV file of days and factors (start, factor, end).",
            metavar="none|auto|estimate|FILE",
            rich_help_panel=SCORING_PANEL,
        ),
    ] = "none"
    risk_threshold: Annotated[
        float, typer.Option(help="Churn risk at or above this counts as high.", rich_help_panel=ADVANCED_PANEL)
    ] = 0.5
    value_axis: Annotated[
        Literal["stake", "total"],
        typer.Option(
            help="Value in the matrix: at stake in the horizon if the customer leaves, or past value + CLV.",
            rich_help_panel=ADVANCED_PANEL,
        ),
    ] = "stake"
    value_quantile: Annotated[
        float, typer.Option(help="Value at or above this quantile counts as high.", rich_help_panel=ADVANCED_PANEL)
    ] = 0.8
    require_reliable: Annotated[
        bool,
        typer.Option(
            "--require-reliable",
            help="Withhold CLV and risk if the log is too small for them, instead of marking them as unreliable.",
            rich_help_panel=SCORING_PANEL,
        ),
    ] = False
    recalibrate: Annotated[
        bool,
        typer.Option(
            "--recalibrate",
            help="Make of probabilities of a purchase, and so of churn risk, what a holdout says that they are worth.",
            rich_help_panel=ADVANCED_PANEL,
        ),
    ] = False
    segments: Annotated[
        str,
        typer.Option(
            help="Segment scheme: a preset (standard, soulmates) or a TOML file.", rich_help_panel=SCORING_PANEL
        ),
    ] = "standard"
    rfm_bins: Annotated[
        int,
        typer.Option(
            help="Number of score levels; presets of --segments are read for 3 to 10.", rich_help_panel=ADVANCED_PANEL
        ),
    ] = 5

    @property
    def settings(self) -> dict[str, Any]:
        """The same as arguments of `engine.Scoring`."""
        return {SETTINGS.get(field.name, field.name): getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, kw_only=True)
class RfmScoringOptions(ScoringOptions):
    """The same with a choice of how the scores of R, F and M are cut."""

    rfm_method: Annotated[
        Literal["quantile", "fixed", "nested"],
        typer.Option(
            help="Score by quantiles, by fixed cut-offs (--rfm-cuts), or nested: F within R, M within R and F.",
            rich_help_panel=ADVANCED_PANEL,
        ),
    ] = "quantile"
    rfm_cuts: Annotated[
        str | None,
        typer.Option(
            help="TOML file of cut-offs for --rfm-method fixed: lists r, f and m, one cut-off per score from 2 up.",
            show_default="none",
            rich_help_panel=ADVANCED_PANEL,
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """Which purchase model is fitted, and how."""

    model: Annotated[
        str,
        typer.Option(
            help="Purchase model: bgnbd, mbgnbd, pnbd, bgcnbd, mbgcnbd, bgbb; or auto, the best of most of them.",
            rich_help_panel=SCORING_PANEL,
        ),
    ] = "bgnbd"
    l2: Annotated[
        float,
        typer.Option(
            help="Ridge penalty of the fit: on squared log parameters, or on the coefficients of covariates.",
            rich_help_panel=ADVANCED_PANEL,
        ),
    ] = 0.0
    covariates: Annotated[
        str | None,
        typer.Option(
            help="File of covariates, one row per customer, that shift purchase and dropout rates.",
            show_default="none",
            rich_help_panel=ADVANCED_PANEL,
        ),
    ] = None
    covariate_columns: Annotated[
        str | None,
        typer.Option(help="Its columns to use, comma-separated.", show_default="all", rich_help_panel=ADVANCED_PANEL),
    ] = None
    dropout_effect: Annotated[
        Literal["odds", "separate", "common"],
        typer.Option(
            help="How covariates affect dropout in BG/NBD and MBG/NBD: the odds a/b, a and b separately, or equally.",
            rich_help_panel=ADVANCED_PANEL,
        ),
    ] = "odds"
    fit_by: Annotated[
        str | None,
        typer.Option(
            help="Parameters by group, pooled as far as groups tell them: a column or SQL expression of the first "
            "order, as channel; or cohort, the year of the first purchase.",
            metavar="SQL|cohort",
            show_default="none",
            rich_help_panel=ADVANCED_PANEL,
        ),
    ] = None
    next_purchase: Annotated[
        Literal["auto", "model", "rhythm"],
        typer.Option(
            help="How the next purchase is predicted: by the model, by the customer's rhythm, or by whichever did "
            "better on a holdout.",
            rich_help_panel=ADVANCED_PANEL,
        ),
    ] = "auto"
    intervals: Annotated[
        float | None,
        typer.Option(
            help="Confidence level, e.g. 0.9, of intervals for expected purchases and CLV; adds nine forecast passes.",
            show_default="none",
            rich_help_panel=ADVANCED_PANEL,
        ),
    ] = None

    @property
    def settings(self) -> dict[str, Any]:
        """The same as arguments of `engine.Scoring`."""
        settings = {field.name: getattr(self, field.name) for field in fields(self)}
        return settings | {"covariate_columns": tuple(names_in(self.covariate_columns)) or None}
