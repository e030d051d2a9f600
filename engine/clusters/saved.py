"""Clusters as they are kept, in plain JSON: scales and centres, which divide other customers the same way."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from whalecurve.engine.clusters.features import Scale
from whalecurve.engine.errors import InputError
from whalecurve.engine.publication import MODEL, at_hand, read_record
from whalecurve.kernels.arrays import Matrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Saved:
    """What divides customers.

    scales : of the columns, in their order
    centres : float64[k, columns], on the common scale
    descriptions : of the clusters, in words
    """

    scales: tuple[Scale, ...]
    centres: Matrix
    descriptions: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are needed."""
        return tuple(scale.column for scale in self.scales)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON; numbers come back to the bit."""
        return {
            "columns": [scale.to_dict() for scale in self.scales],
            "centres": self.centres.tolist(),
            "descriptions": list(self.descriptions),
        }

    @classmethod
    def at(cls, place: str | Path) -> Self:
        """What `whalecurve clusters` wrote to a directory.

        Raises
        ------
        InputError
            No such result, or one without clusters.
        """
        with at_hand(place) as directory:
            if not (directory / MODEL).is_file():
                raise InputError(f"{place}: no {MODEL}; name a directory that whalecurve clusters wrote")
            record = read_record(directory / MODEL)
        kept = record.get("clusters", "")
        if kept is None:
            raise InputError(f"{place}: no number of clusters was stable there, so there is nothing to apply")
        try:
            return cls(
                scales=tuple(Scale(**one) for one in kept["columns"]),
                centres=np.array(kept["centres"], dtype=np.float64).reshape(-1, len(kept["columns"])),
                descriptions=tuple(kept["descriptions"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{place}: {MODEL} holds no clusters; name what whalecurve clusters wrote") from error
