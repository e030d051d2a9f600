"""What lists are asked for."""

from dataclasses import dataclass

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.segments import SegmentScheme
from whalecurve.engine.settings import check_lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporting:
    """Who is on a list, and what it says of them.

    scheme : whose segments `segments` names, and which the property `segment` is
    segments : a list of each; None for one list of all customers
    listed : directory that `triggers` or `sample` wrote, whose customers are meant: a list of each trigger, or of the
        sample and the reserve; None: customers of the result
    where : SQL condition over the columns of `customers` that all on a list meet
    contacts_key : column of ids in the file of contacts; None: as in the orders, or customer_id
    email, phone : its columns of addresses and of phone numbers; None: those that are called so
    consent : its column that says yes of those who may be contacted; None: everybody is taken to have agreed
    properties : what is said of each customer, see `PROPERTIES`; None: all that the target takes
    keeps_formulas : write cells of CSV as they are, also those that a spreadsheet would run as formulas
    """

    scheme: SegmentScheme = "rfm"
    segments: tuple[str, ...] | None = None
    listed: str | None = None
    where: str | None = None
    contacts_key: str | None = None
    email: str | None = None
    phone: str | None = None
    consent: str | None = None
    properties: tuple[str, ...] | None = None
    keeps_formulas: bool = False

    def __post_init__(self) -> None:
        check_lists(self, "segments", "properties")
        if self.segments is not None and self.listed is not None:
            raise InputError(
                f"{setting('segment')} and {setting('listed', self.listed)} are both given; each says who is on the "
                f"lists, so give one of them, and {setting('where')} beside it"
            )
        if self.segments is not None and not self.segments:
            raise InputError(f"{setting('segment')} names no segment; name one, or leave it out for all customers")
