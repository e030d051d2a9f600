"""Options that say how customers are scored, for every command that scores them."""

from typing import Annotated, Literal

import typer

from whalecurve.cli.options.values import days

PANEL = "How customers are scored"

Horizon = Annotated[
    int,
    typer.Option(
        parser=days,
        metavar="SPAN",
        help="How far CLV looks ahead: 365d, 52w, 12m, 1y.",
        show_default="365d",
        rich_help_panel=PANEL,
    ),
]
RiskHorizon = Annotated[
    int,
    typer.Option(
        parser=days,
        metavar="SPAN",
        help="How long without a purchase counts as lost.",
        show_default="180d",
        rich_help_panel=PANEL,
    ),
]
Discount = Annotated[float, typer.Option(help="Annual discount rate.", rich_help_panel=PANEL)]
Value = Annotated[
    Literal["margin", "revenue"] | None,
    typer.Option(
        help="What value is measured in.",
        show_default="margin where there is one, else revenue",
        rich_help_panel=PANEL,
    ),
]
Spend = Annotated[
    Literal["gamma-gamma", "mean"],
    typer.Option(
        help="What one purchase is worth: by Gamma-Gamma, or own means shrunk towards a robust mean of all.",
        rich_help_panel=PANEL,
    ),
]
RfmBins = Annotated[
    int,
    typer.Option(help="Scores run from 1 to this; presets of --segments are read for 3 to 10.", rich_help_panel=PANEL),
]
RfmMethod = Annotated[
    Literal["quantile", "fixed", "nested"],
    typer.Option(
        help="Score by quantiles, by the cut-offs of --rfm-cuts, or F within R and M within R and F.",
        rich_help_panel=PANEL,
    ),
]
RfmCuts = Annotated[
    str | None,
    typer.Option(
        help="TOML file with lists r, f and m, a cut-off for each score from 2 up; for fixed.",
        show_default="none",
        rich_help_panel=PANEL,
    ),
]
Segments = Annotated[
    str,
    typer.Option(help="Segment scheme: a preset (standard, soulmates) or a TOML file.", rich_help_panel=PANEL),
]
RiskThreshold = Annotated[float, typer.Option(help="Churn risk from which it is high.", rich_help_panel=PANEL)]
ValueQuantile = Annotated[
    float, typer.Option(help="High value begins at this quantile of value + CLV.", rich_help_panel=PANEL)
]
