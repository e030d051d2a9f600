"""`whalecurve clusters`: customers divided by numbers of their own, and not by the segments of a scheme."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import names_in, range_of

FOUND = "How clusters are found"


@takes_groups(settings_file=True)
def clusters_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="DIR")],
    columns: Annotated[
        str | None,
        typer.Option(
            help="Numbers of the customers that clusters are made of, beside recency, frequency and value: "
            "return_rate,clv.",
            metavar="NAMES",
            show_default="none",
            rich_help_panel=FOUND,
        ),
    ] = None,
    k: Annotated[
        object,
        typer.Option(
            parser=range_of,
            metavar="LEAST-MOST",
            help="Numbers of clusters to try; a single one is taken.",
            show_default="2-8",
            rich_help_panel=FOUND,
        ),
    ] = (2, 8),
    min_stability: Annotated[
        float,
        typer.Option(help="Agreement of resamples (adjusted Rand index) that is asked for.", rich_help_panel=FOUND),
    ] = 0.75,
    min_excess: Annotated[
        float,
        typer.Option(help="And by how much more than of customers without clusters.", rich_help_panel=FOUND),
    ] = 0.1,
    resamples: Annotated[int, typer.Option(help="Resamples for each number.", rich_help_panel=FOUND)] = 8,
    seed: Annotated[int, typer.Option(help="Of what is drawn.", rich_help_panel=FOUND)] = 0,
    apply: Annotated[
        Path | None,
        typer.Option(
            help="What this command wrote before: its clusters divide these customers, and none are found.",
            show_default="clusters are found",
            metavar="DIR",
            rich_help_panel=FOUND,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Directory to write to.", rich_help_panel=WRITING_PANEL)] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """Divide customers into clusters by their own numbers: as many as are stable, described, beside RFM segments.

    Example: [bold]whalecurve clusters scores --columns return_rate --out clusters[/bold]
    """
    with running.started("clusters") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.understand.clusters import clusters_text

        settings = engine.ClusterSettings(
            columns=tuple(names_in(columns)), k=k, min_stability=min_stability,  # type: ignore[arg-type]  # parsed
            min_excess=min_excess, resamples=resamples, seed=seed,
        )  # fmt: skip
        found = engine.find_clusters(
            scores, settings=settings, apply=apply, out=out, overwrite=overwrite, on_stage=on_stage
        )
    record = found.to_dict()
    running.show(json_text(record) if running.as_json else clusters_text(record, out))
