"""Whether two results mean the same by their numbers: their definitions, one by one."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from whalecurve.engine.errors import InputError, listed, setting, shown
from whalecurve.engine.publication import Result

MAY_DIFFER = {
    "as_of": "the two days that are compared",
    "forecast_from": "follows as_of",
    "segments": "how the scheme was named, by a path or a preset; its name and its labels are compared instead",
    "covariates": "the path of a file with the traits of that day; whether there is one is compared",
    "thresholds_from": "which run the thresholds were taken from; they are shown beside each other",
    "since": "where no line came before it, it left nothing out; else it is compared",
}
"""Definitions that differ between two results by nature, and why; what of them matters is compared in `_resolved`."""

NEWER = {"spend": "gamma-gamma"}
"""What was always done before there was a setting to do otherwise: what a result that does not know it means."""


def check_definitions(old: Result, new: Result, allow: Collection[str] = ()) -> tuple[str, ...]:
    """Names of the definitions that differ and are allowed to; "columns" allows "columns.amount" and its like.

    Raises
    ------
    InputError
        Definitions that differ without leave, named with both values; a name in `allow` that is no definition.
    """
    schemes = set(old.segments["scheme"]) & set(new.segments["scheme"])
    before, after = (dict(_resolved(result, sorted(schemes))) for result in (old, new))
    names = [*before, *(name for name in after if name not in before)]
    for name in allow:
        if not any(_covers(name, known) for known in (*names, *MAY_DIFFER)):
            raise InputError(f"{setting('allow', [name])}: no such definition; there are {listed(names)}")
    differing = {
        name: pair
        for name in names
        if (pair := tuple(found.get(name, NEWER.get(name)) for found in (before, after)))[0] != pair[1]
    }  # a result that does not know a setting is one without it
    refused = {name: both for name, both in differing.items() if not any(_covers(given, name) for given in allow)}
    if refused:
        found = "; ".join(f"{name} {shown(one)} against {shown(other)}" for name, (one, other) in refused.items())
        raise InputError(
            f"{old.path} and {new.path}: not comparable, definitions differ: {found}; score both alike, "
            f"or take the differences into account with {setting('allow', list(refused))}"
        )
    return tuple(differing)


def _covers(given: str, name: str) -> bool:
    return name == given or name.startswith(f"{given}.")


def _resolved(result: Result, schemes: Collection[str]) -> Iterator[tuple[str, Any]]:
    """What has to be the same in both results, tables of settings flattened to dotted names; labels by scheme."""
    definitions = result.definitions
    for name, found in _flat(definitions):
        if name not in MAY_DIFFER:
            yield name, found
    yield "since", definitions.get("since") if result.manifest["rows"]["refused"].get("before_since") else None
    yield "covariates", None if definitions.get("covariates") is None else "a file"
    for scheme in schemes:
        yield f"scheme.{scheme}", result.segments.filter(scheme=scheme)["segment"].drop_nulls().to_list()


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, found in settings.items():
        if isinstance(found, dict):
            yield from _flat(found, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", found
