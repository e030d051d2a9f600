"""`whalecurve export`: lists of customers, as the tools that act on them take them."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import SegmentScheme

WHOM, CONTACTS, SAID = "Which customers", "How they can be reached", "What is said of them"


@takes_groups(settings_file=True)
def export_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="DIR")],
    target: Annotated[
        Literal["csv", "google", "hubspot", "klaviyo", "mailchimp", "meta", "parquet", "tiktok"],
        typer.Option("--for", help="Tool whose columns, normalisation and hashes to use, or a file format."),
    ],
    segment: Annotated[
        list[str] | None,
        typer.Option(
            help="Segment to list; repeatable, one file each.",
            show_default="one list of all customers",
            rich_help_panel=WHOM,
        ),
    ] = None,
    scheme: Annotated[
        SegmentScheme,
        typer.Option(help="Whose segments.", rich_help_panel=WHOM),
    ] = "rfm",
    listed: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Instead, the customers that whalecurve triggers or sample listed, one file per trigger.",
            show_default="none",
            rich_help_panel=WHOM,
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="SQL",
            help="SQL condition on the columns of customers/: only customers who meet it.",
            show_default="all",
            rich_help_panel=WHOM,
        ),
    ] = None,
    contacts: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="File with addresses or phone numbers of customers.",
            show_default="the ids, where they are addresses",
            rich_help_panel=CONTACTS,
        ),
    ] = None,
    contacts_key: Annotated[
        str | None,
        typer.Option(
            help="Its column of customer ids.", show_default="named as in the orders", rich_help_panel=CONTACTS
        ),
    ] = None,
    email: Annotated[
        str | None,
        typer.Option(help="Its column of e-mail addresses.", show_default="by its name", rich_help_panel=CONTACTS),
    ] = None,
    phone: Annotated[
        str | None,
        typer.Option(help="Its column of phone numbers.", show_default="by its name", rich_help_panel=CONTACTS),
    ] = None,
    consent: Annotated[
        str | None,
        typer.Option(
            help="Its column of consent: only customers with a yes are listed.",
            show_default="none, with a note",
            rich_help_panel=CONTACTS,
        ),
    ] = None,
    properties: Annotated[
        str | None,
        typer.Option(
            help="Properties of each customer to write, comma-separated: segment,clv,risk.",
            show_default="all that the tool takes",
            rich_help_panel=SAID,
        ),
    ] = None,
    keeps_formulas: Annotated[
        bool,
        typer.Option(
            "--keeps-formulas",
            help="Do not escape values that a spreadsheet would run as a formula.",
            rich_help_panel=SAID,
        ),
    ] = False,
    out: Annotated[Path, typer.Option(help="Directory to write the lists to.", rich_help_panel=WRITING_PANEL)],
    changed_since: Annotated[
        Path | None,
        typer.Option(
            metavar="STATE",
            help="Write only rows that changed since the last export, which this directory remembers.",
            show_default="all rows",
            rich_help_panel=WRITING_PANEL,
        ),
    ] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """Write lists of customers for a mailing, advertising or CRM tool: one file a segment, one row a contact.

    Example: [bold]whalecurve export scores --for klaviyo --segment "At risk" --contacts contacts.csv --out lists[/bold]
    """
    with running.started("export") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.act.export import export_text
        from whalecurve.cli.reports.phrases import json_text

        settings = engine.Exporting(
            scheme=scheme,
            segments=None if segment is None else tuple(segment),
            listed=listed,
            where=where,
            contacts_key=contacts_key,
            email=email,
            phone=phone,
            consent=consent,
            properties=None if properties is None else tuple(name.strip() for name in properties.split(",")),
            keeps_formulas=keeps_formulas,
        )
        exported = engine.export(
            scores,
            target,
            out=out,
            settings=settings,
            contacts=contacts,
            changed_since=changed_since,
            overwrite=overwrite,
            on_stage=on_stage,
        )
    record = exported.to_dict()
    running.show(json_text(record) if running.as_json else export_text(record, out))
