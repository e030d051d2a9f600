"""`whalecurve experiment assign`: who is in which arm."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import SegmentScheme, days, names_in, share

WHO, HOW, WHAT = "Who takes part", "Who gets what", "What it is to show"


@takes_groups(settings_file=True)
def assign_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="DIR")],
    name: Annotated[
        str,
        typer.Option(
            help="Name of the experiment: ids are hashed with it, so another name gives another assignment.",
            rich_help_panel=HOW,
        ),
    ],
    arms: Annotated[
        str,
        typer.Option(
            help="Arms with their shares, e.g. offer:0.5,control:50%.", metavar="ARM:SHARE,...", rich_help_panel=HOW
        ),
    ],
    control: Annotated[
        str | None,
        typer.Option(help="Arm that the others are compared with.", show_default="control", rich_help_panel=HOW),
    ] = None,
    method: Annotated[
        Literal["hash", "balanced"],
        typer.Option(
            help="hash: by each customer's own hash; balanced: exact shares in each stratum.",
            rich_help_panel=HOW,
        ),
    ] = "hash",
    strata: Annotated[
        str | None,
        typer.Option(
            help="Schemes whose labels make strata, comma-separated, e.g. rfm,matrix.",
            metavar="SCHEME,...",
            show_default="none",
            rich_help_panel=HOW,
        ),
    ] = None,
    scheme: Annotated[SegmentScheme, typer.Option(help="Whose segments --segment names.", rich_help_panel=WHO)] = "rfm",
    segment: Annotated[
        list[str] | None,
        typer.Option(help="Only this segment; repeatable.", show_default="all", rich_help_panel=WHO),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(
            help="Layer and the part of it for this experiment, e.g. mail:0-50%; no customer is in two parts.",
            metavar="LAYER:FROM-TO",
            show_default="none: customers may be in other experiments, too",
            rich_help_panel=WHO,
        ),
    ] = None,
    holdout: Annotated[
        str,
        typer.Option(
            help="Share of customers in the universal holdout, the same for all experiments.",
            metavar="SHARE",
            show_default="nobody",
            rich_help_panel=WHO,
        ),
    ] = "0",
    holdout_name: Annotated[
        str,
        typer.Option(
            help="Name of the universal holdout; another name holds out other customers.", rich_help_panel=WHO
        ),
    ] = "holdout",
    entry: Annotated[
        Literal["together", "rolling"],
        typer.Option(
            help="together: everybody enters now; rolling: new customers enter when the command runs again.",
            rich_help_panel=WHO,
        ),
    ] = "together",
    start: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="First day of the follow-up.",
            show_default="the day after the last one that was observed",
            rich_help_panel=WHO,
        ),
    ] = None,
    hypothesis: Annotated[
        str | None,
        typer.Option(help="What is expected, for the record.", show_default="none", rich_help_panel=WHAT),
    ] = None,
    metric: Annotated[
        Literal["margin", "revenue", "orders", "conversion"] | None,
        typer.Option(
            help="What is compared.",
            show_default="margin, where customers are valued by it, else revenue",
            rich_help_panel=WHAT,
        ),
    ] = None,
    length: Annotated[
        int,
        typer.Option(
            "--days",
            parser=days,
            metavar="SPAN",
            help="Length of the follow-up of each customer.",
            rich_help_panel=WHAT,
        ),
    ] = 28,
    effect: Annotated[
        float | None,
        typer.Option(
            parser=share,
            metavar="SHARE",
            help="Smallest change of the mean to detect, e.g. 3%.",
            show_default="none",
            rich_help_panel=WHAT,
        ),
    ] = None,
    cap: Annotated[
        float,
        typer.Option(
            help="Cap outcomes for the test at this quantile of the time before; 1 for no cap.",
            rich_help_panel=WHAT,
        ),
    ] = 0.99,
    alpha: Annotated[
        float,
        typer.Option(help="Significance level: chance to see an effect where there is none.", rich_help_panel=WHAT),
    ] = 0.05,
    power: Annotated[
        float, typer.Option(help="Power: chance to see an effect as large as --effect.", rich_help_panel=WHAT)
    ] = 0.8,
    looks: Annotated[
        int, typer.Option(help="Number of planned looks, the last one included.", rich_help_panel=WHAT)
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Directory of the experiment; an assignment that is there is never changed.",
            rich_help_panel=WRITING_PANEL,
        ),
    ] = None,
    running: Running,
) -> None:
    """Divide customers among the arms of an experiment, by a hash that every warehouse computes alike.

    Example: [bold]whalecurve experiment assign scores --name spring --arms offer:0.5,control:0.5 --out spring[/bold]
    """
    with running.started("experiment assign") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.act.experiment.assign import assign_text
        from whalecurve.cli.reports.phrases import json_text

        design = {
            "name": name, "arms": arms, "control": control, "method": method, "entry": entry, "scheme": scheme,
            "segments": segment, "strata": tuple(names_in(strata)), "layer": layer, "held_out": holdout,
            "holdout_name": holdout_name, "hypothesis": hypothesis, "metric": metric, "days": length, "effect": effect,
            "cap": cap, "alpha": alpha, "power": power, "looks": looks,
        }  # fmt: skip
        assigned = engine.assign_experiment(
            scores, design=design, start=start.date() if start else None, out=out, on_stage=on_stage
        )
    record = assigned.to_dict()
    running.show(json_text(record) if running.as_json else assign_text(record, out))
