"""`whalecurve warmup`: fill the cache of compiled kernels."""

from typing import Any

import typer

from whalecurve.cli.console import limit_threads, progress, set_up_logging
from whalecurve.cli.errors import reported
from whalecurve.cli.options import orders as options
from whalecurve.cli.reports.phrases import json_text
from whalecurve.cli.reports.text_tables import count


def warmup_command(
    format: options.OutputFormat = options.Format.text,
    jobs: options.Jobs = None,
    verbose: options.Verbose = False,
) -> None:
    """Compile every kernel now, so that no later run waits for the compiler; made for the build of an image.

    The compiled code is for the kind of CPU that is at work, and for this user, or for all who can read the package.

    Example: [bold]whalecurve warmup[/bold]
    """
    limit_threads(jobs)
    set_up_logging(verbose=verbose)
    with reported(), progress("warmup") as on_stage:
        from whalecurve.engine.warmup import warm_up

        done = warm_up(on_stage)
    found: dict[str, Any] = {
        "directory": str(done.directory),
        "compiled": done.n_compiled,
        "present": done.n_present,
        "seconds": done.seconds,
    }
    if format is options.Format.json:
        typer.echo(json_text(found))
    elif done.n_compiled:
        compiled = count(done.n_compiled, "kernel")
        typer.echo(f"{compiled} compiled in {done.seconds:.0f} s, {done.n_present:,} there before, in {done.directory}")
    else:
        typer.echo(f"all {count(done.n_present, 'kernel')} were there already, in {done.directory}")
