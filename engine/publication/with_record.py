"""A result with its record: files written in the stage of writing, and the record of the command last."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from whalecurve.engine.publication.manifest import manifest_of, write_manifest
from whalecurve.engine.publication.publish import published
from whalecurve.engine.stages import Stages


@contextmanager
def recorded(
    out: Path,
    command: str,
    stages: Stages,
    *,
    as_of: str,
    inputs: Sequence[Mapping[str, Any]],
    definitions: Mapping[str, Any],
    rows: Mapping[str, Any] | None,
    warnings: Iterable[str],
    **own: object,
) -> Iterator[Path]:
    """A staging directory as that of `published`; what runs inside is the stage `write`, and `manifest.json` follows.

    For results whose record is known before they are written. The parameters are those of `manifest_of`.

    Raises
    ------
    InputError
        As `published`.
    """
    with published(out) as staging:
        with stages.stage("write"):
            yield staging
        record = manifest_of(
            command,
            as_of=as_of,
            inputs=inputs,
            definitions=definitions,
            rows=rows,
            timings=stages.seconds,
            warnings=warnings,
            **own,
        )
        write_manifest(record, staging)
