"""`whalecurve warmup`: fill the cache of compiled kernels."""

from typing import Any

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.running import Running


@takes_groups()
def warmup_command(
    *,
    running: Running,
) -> None:
    """Compile every kernel now, so that no later run waits for the compiler, e.g. when an image is built.

    The code is for this kind of CPU, and for this user or for everybody who can read the package.

    Example: [bold]whalecurve warmup[/bold]
    """
    with running.started("warmup") as on_stage:
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.text_tables import count
        from whalecurve.engine.warmup import warm_up

        done = warm_up(on_stage)
    record: dict[str, Any] = {
        "directory": str(done.directory),
        "compiled": done.n_compiled,
        "present": done.n_present,
        "seconds": done.seconds,
    }
    if running.as_json:
        running.show(json_text(record))
    elif done.n_compiled:
        compiled = count(done.n_compiled, "kernel")
        running.show(
            f"{compiled} compiled in {done.seconds:.0f} s, {done.n_present:,} there before, in {done.directory}"
        )
    else:
        running.show(f"all {count(done.n_present, 'kernel')} were there already, in {done.directory}")
