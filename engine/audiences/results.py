"""Lists of customers that were exported. Frozen, and without any id or contact."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from whalecurve.engine.audiences.settings import Exporting
from whalecurve.engine.notebook import Displayed
from whalecurve.engine.targets import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCounts:
    """What became of the customers of a list.

    segment : the segment that it is of; None for customers of any
    file : its name below the directory
    n_customers : customers that it was to hold; n_rows : those in the file
    left_out : those who are not, by why
    unusable : contacts that are given and cannot be used, by why, also where the row has another one
    n_taken : phone numbers left out of a row since a better customer has the same
    n_gone : customers of the last export who are no longer on the list; None where it is not known
    gone_file : the file that has them
    n_bytes : of the file
    """

    segment: str | None
    file: str
    n_customers: int
    n_rows: int
    left_out: dict[str, int]
    unusable: dict[str, int]
    n_taken: int
    n_gone: int | None
    gone_file: str | None
    n_bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "segment": self.segment,
            "file": self.file,
            "customers": self.n_customers,
            "rows": self.n_rows,
            "left_out": self.left_out,
            "unusable_contacts": self.unusable,
            "phones_of_better_customers": self.n_taken,
            "gone": self.n_gone,
            "gone_file": self.gone_file,
            "bytes": self.n_bytes,
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Exported(Displayed):
    """Lists of customers as files for a tool.

    lists : in the order of the scheme
    columns : the field of each column, by its header
    scores : run id of the result
    """

    target: Target
    lists: tuple[ListCounts, ...]
    columns: dict[str, str]
    settings: Exporting
    as_of: str
    scores: str
    warnings: tuple[str, ...]
    out: Path

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON, without any id or contact."""
        return {
            "target": self.target.name,
            "title": self.target.title,
            "scores": self.scores,
            "as_of": self.as_of,
            "settings": asdict(self.settings),
            "columns": self.columns,
            "lists": [one.to_dict() for one in self.lists],
            "rows": sum(one.n_rows for one in self.lists),
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """How many rows went into how many files."""
        return {
            "for": self.target.title,
            "files": len(self.lists),
            "rows": sum(one.n_rows for one in self.lists),
            "as of": self.as_of,
            "in": self.out,
        }
