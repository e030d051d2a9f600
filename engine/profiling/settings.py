"""What is asked of the ideal customers: dimensions, statistics, and the seed list."""

from dataclasses import dataclass
from typing import Literal

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.settings import Significance
from whalecurve.engine.targets import target_called

KINDS = ("text", "email", "phone")
"""What a seed is: text and e-mail addresses are normalised alike, phone numbers in their own way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiling(Significance):
    """Which dimensions are asked what, and when a difference is worth a word.

    by : what they buy: columns or SQL expressions over the order lines; None: those of `USUAL` that the files have
    first_by : where they came from: the same, of the first order, or without order ids of the first purchase day
    next_by : what they need next: the same, of the second purchase day, and of what was never bought
    customers_key : column of ids in the file of customers; None: the column that is mapped as customer, or customer_id
    min_customers : values that fewer customers of the base have are listed, never tested or printed; of attributes of
        customers they are pooled, so that nobody is told apart
    fdr : of the marks, for each dimension and measure
    """

    by: tuple[str, ...] | None = None
    first_by: tuple[str, ...] | None = None
    next_by: tuple[str, ...] | None = None
    customers_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeding:
    """The seed list for look-alike audiences.

    size : at most so many, the best by CLV; None for all
    column : column of the file of customers to write instead of the customer id
    kind : what the column holds; None: "phone" where its name says so, "email" likewise, else "text"
    is_hashed : write the SHA-256 of the normalised seed: of a phone number, with its plus sign
    hash_for : the same, normalised as this tool takes it: google, meta or tiktok
    has_values : write rank, CLV and value beside each
    is_raw : write seeds to CSV as they are, also those that a spreadsheet would run as formulas
    """

    size: int | None = None
    column: str | None = None
    kind: Literal["text", "email", "phone"] | None = None
    is_hashed: bool = False
    hash_for: str | None = None
    has_values: bool = False
    is_raw: bool = False

    def __post_init__(self) -> None:
        if self.size is not None and self.size < 1:
            raise InputError(f"{setting('size')} must be at least 1, not {self.size}; leave it out for all")
        if self.kind is not None and self.kind not in KINDS:
            raise InputError(f'{setting("kind")} "{self.kind}" is unknown; choose {", ".join(KINDS)}')

        if self.hash_for is not None and not target_called(self.hash_for, setting("hash_for")).is_hashed:
            raise InputError(f"{setting('hash_for', self.hash_for)} takes contacts as text; leave it out")

    @property
    def writes_hashes(self) -> bool:
        """Whether seeds are written as hashes."""
        return self.is_hashed or self.hash_for is not None

    @property
    def resolved_kind(self) -> str:
        """What the seeds are."""
        if self.kind is not None:
            return self.kind
        name = (self.column or "").casefold()
        if any(word in name for word in ("phone", "mobile", "msisdn")):
            return "phone"
        return "email" if "mail" in name else "text"
