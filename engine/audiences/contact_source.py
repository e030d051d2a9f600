"""Where contacts come from: a file beside the orders, or ids of customers that are addresses."""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.audiences.settings import Exporting
from whalecurve.engine.errors import ColumnMissingError, InputError, listed, setting
from whalecurve.engine.mapping import normal_form
from whalecurve.engine.order_files import CustomerFile, Paths, open_customer_file
from whalecurve.engine.orders import as_text
from whalecurve.engine.publication import CUSTOMER, Result
from whalecurve.engine.shop_exports import plain
from whalecurve.engine.targets import Target, email_fault, normalised_email, normalised_phone, phone_fault

NAMES = {
    "email": ("email", "emailaddress", "mail", "mailaddress", "customeremail"),
    "phone": (
        "phone",
        "phonenumber",
        "telephone",
        "telephonenumber",
        "mobile",
        "mobilephone",
        "mobilenumber",
        "msisdn",
    ),
}
"""What columns of contacts are usually called, without case, spaces and signs; the likeliest first."""

YES = (
    "true",
    "t",
    "yes",
    "y",
    "1",
    "1.0",
    "subscribed",
    "subscribe",
    "opted in",
    "opted-in",
    "opt-in",
    "granted",
    "accepted",
)
NO = (
    "false", "f", "no", "n", "0", "0.0", "", "unsubscribed", "never subscribed", "never_subscribed", "not_subscribed",
    "not subscribed", "opted out", "opted-out", "opt-out", "denied", "declined", "suppressed",
)  # fmt: skip
"""What is written of customers who may be contacted, and of those who may not, in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSource:
    """Contacts of customers.

    file : None where ids are the addresses
    columns : the column that holds each kind, "email" and "phone", as far as there are any
    consent : the column of consent
    rows : customer_id, and these columns as text; consent as it is
    """

    file: CustomerFile | None
    columns: dict[str, str]
    consent: str | None
    rows: pl.LazyFrame

    def of(self, customers: pl.DataFrame, target: Target) -> pl.DataFrame:
        """The customers, in their order, with their contacts in the target's forms.

        Adds email and phone (null where there is none that can be used), email_fault and phone_fault (why a contact
        that is given cannot be used), is_given (there is one), is_agreed and is_unclear (consent, and whether it is
        written as neither yes nor no).

        Raises
        ------
        InputError
            A file that cannot be read; customers whose contacts differ from row to row.
        """
        contacts = self._contacts(customers, target)
        return customers.join(contacts, on=CUSTOMER, how="left", maintain_order="left").with_columns(
            pl.col("is_given", "is_agreed", "is_unclear").fill_null(value=False)
        )

    def _contacts(self, customers: pl.DataFrame, target: Target) -> pl.DataFrame:
        """The same without customers of whom nothing is known; what was read is let go before they are joined."""
        own = self.rows.join(customers.lazy().select(CUSTOMER), on=CUSTOMER, how="semi")
        if self.file is None:
            written = own.collect(engine="streaming")
        else:
            with self.file.read():
                written = own.collect(engine="streaming")
            written = self._once(written)
        return _with_faults(written.select(CUSTOMER, **self._told(target)), target)

    def _once(self, written: pl.DataFrame) -> pl.DataFrame:
        """Rows that are alike as one."""
        if not written[CUSTOMER].is_duplicated().any():
            return written
        once = written.unique()
        n_twice = once.height - once[CUSTOMER].n_unique()
        if n_twice and self.file is not None:
            raise InputError(
                f"{self.file.place}: rows of {n_twice:,} customers differ in their contacts or consent; keep one row a "
                f"customer"
            )
        return once

    def _told(self, target: Target) -> dict[str, pl.Expr]:
        nothing = pl.lit(None, dtype=pl.String)
        email = pl.col("email") if "email" in self.columns else nothing
        phone = pl.col("phone") if "phone" in self.columns else nothing
        is_blank = [(text.fill_null("").str.strip_chars() == "") for text in (email, phone)]
        word = pl.col("consent") if self.consent is not None else pl.lit("yes")
        return {
            "email": normalised_email(email, target.email),
            "phone": normalised_phone(phone, target.phone),
            "email_text": email,
            "phone_text": phone,
            "is_given": ~pl.all_horizontal(is_blank),
            "is_agreed": word.is_in(YES),
            "is_unclear": ~word.is_in([*YES, *NO]),
        }


def _with_faults(contacts: pl.DataFrame, target: Target) -> pl.DataFrame:
    """Add why contacts cannot be used, and leave out how they were written. Most can, so only the others are tried."""
    faults = {"email": email_fault(pl.col("text"), target.email), "phone": phone_fault(pl.col("text"))}
    for kind, why in faults.items():
        others = contacts.select(pl.int_range(pl.len()).alias("place"), kind, text=f"{kind}_text").filter(
            pl.col(kind).is_null() & pl.col("text").is_not_null()
        )
        found = others.select("place", why=why)
        nothing = pl.Series(f"{kind}_fault", [None], dtype=pl.String).new_from_index(0, contacts.height)
        contacts = contacts.drop(f"{kind}_text").with_columns(nothing.scatter(found["place"], found["why"]))
    return contacts


def contact_source(result: Result, contacts: Paths | None, asked: Exporting, target: Target) -> ContactSource | None:
    """Open the file of contacts; None where there is none and the target needs none.

    Raises
    ------
    InputError
        A file that cannot be read, columns that it does not have, ids of another type; no file, and ids that are no
        text, so no addresses.
    """
    if contacts is not None:
        return _of_file(result, contacts, asked)
    for name in ("contacts_key", "email", "phone", "consent"):
        if (value := getattr(asked, name)) is not None:
            raise InputError(
                f"{setting(name, value)}: there is no file to take it from; name it with {setting('contacts')}"
            )
    if target.needs == "nothing":
        return None
    if result.columns[CUSTOMER] != pl.String():
        raise InputError(
            f"{target.title} takes contacts, and ids of customers are {result.columns[CUSTOMER]}; name a file that has "
            f"them with {setting('contacts')}"
        )
    rows = result.customers.select(CUSTOMER, email=pl.col(CUSTOMER))
    return ContactSource(file=None, columns={"email": CUSTOMER}, consent=None, rows=rows)


def _of_file(result: Result, contacts: Paths, asked: Exporting) -> ContactSource:
    key = asked.contacts_key or _usual_key(result, contacts)
    seen = open_customer_file(contacts, key, "contacts_key")
    columns = {kind: name for kind in NAMES if (name := _column(kind, getattr(asked, kind), seen)) is not None}
    if not columns:
        raise InputError(
            f"{seen.place}: no column is called an address or a phone number; there are {listed(seen.attributes)}; "
            f"name one with {setting('email')} or {setting('phone')}"
        )
    consent = _column("consent", asked.consent, seen)
    names = [*columns.values()] if consent is None else [*columns.values(), consent]
    file = open_customer_file(contacts, key, "contacts_key", texts=names)
    rows = file.ids_as(result.columns[CUSTOMER], "contacts_key", [name for name in dict.fromkeys(names) if name != key])
    with file.read():
        schema = rows.collect_schema()
    told = {kind: pl.col(name).cast(pl.String) for kind, name in columns.items()}
    if consent is not None:
        told["consent"] = _word(consent, schema[consent])
    steps: Collection[str] = result.definitions.get("normalise_ids") or ()
    ids = normal_form(pl.col(key), steps) if steps else pl.col(key)
    return ContactSource(file=file, columns=columns, consent=consent, rows=rows.select(ids.alias(CUSTOMER), **told))


def _usual_key(result: Result, contacts: Paths) -> str:
    """The column that the ids had in the orders, where the file has it, else customer_id."""
    mapped = (result.manifest.get("columns") or {}).get("customer", CUSTOMER)
    try:
        open_customer_file(contacts, mapped, "contacts_key")
    except ColumnMissingError:
        return CUSTOMER
    return str(mapped)


def _column(kind: str, asked: str | None, file: CustomerFile) -> str | None:
    """The column of the name that is asked for, or the one that is called so; None where there is none."""
    available = [*file.attributes, file.key]
    if asked is not None:
        if asked not in available:
            raise ColumnMissingError(role=kind, mapping=asked, wanted=asked, available=available, where=file.place)
        return asked
    named = {plain(name): name for name in reversed(available)}
    return next((named[name] for name in NAMES.get(kind, ()) if name in named), None)


def _word(name: str, dtype: pl.DataType) -> pl.Expr:
    """Consent as a word in lower case; a whole number of any type as its digits."""
    if dtype.is_float():
        return pl.col(name).cast(pl.Int64, strict=False).cast(pl.String).fill_null("")
    return as_text(dtype, name).str.strip_chars().str.to_lowercase().fill_null("")
