r"""Contacts as tools that match people want them: e-mail addresses and phone numbers normalised, and hashed.

Tools compare hashes, so a contact is found only if it was written, before it was hashed, just as the tool writes it.
Forms of addresses, all in lower case and without white space or invisible characters around them:

- `plain`: nothing else is changed (Meta, Klaviyo, HubSpot)
- `joined`: white space within goes, too (TikTok)
- `gmail`: as `joined`; of gmail.com and googlemail.com, the dots before the @ go, and a plus sign with what follows it
  (Google)
- `ascii`: as `plain`, and letters beyond ASCII may only come after the @ (Mailchimp)

Forms of phone numbers, international and without anything but digits: `plus`, with a plus sign before them, as ITU-T
E.164 is written (Google, TikTok, Klaviyo), and `digits`, without (Meta).
"""

import hashlib

import polars as pl

EMAIL_FORMS, PHONE_FORMS = ("plain", "joined", "gmail", "ascii"), ("plus", "digits")

FEWEST_DIGITS, MOST_DIGITS = 7, 15
"""Digits that an international phone number may have (ITU-T E.164 for the most)."""

MOST_BYTES, MOST_LOCAL_BYTES = 254, 64
"""Bytes of an address, and of its part before the @ (RFC 5321, 4.5.3.1, and RFC 3696, erratum 1690)."""

AROUND = r"^[\s\p{C}]+|[\s\p{C}]+$"
LETTER = r'\s\p{C}@"(),:;<>\[\]\\'
ADDRESS = rf"^[^{LETTER}]+@[^.{LETTER}]+(?:\.[^.{LETTER}]+)+$"
"""One @ between a name and a domain with a dot in it, without white space and what addresses hold in quotes alone."""

GMAIL = ("gmail.com", "googlemail.com")


def normalised_text(text: pl.Expr) -> pl.Expr:
    """Text without white space and invisible characters around it, in lower case; null if nothing is left."""
    plain = text.str.replace_all(AROUND, "").str.to_lowercase()
    return pl.when(plain != "").then(plain)


def normalised_email(text: pl.Expr, form: str = "plain") -> pl.Expr:
    """An address in one of the `EMAIL_FORMS`; null for what is none."""
    plain = normalised_text(text)
    if form in ("joined", "gmail"):
        plain = plain.str.replace_all(r"\s+", "")
    if form == "gmail":
        local, domain = plain.str.extract(r"^([^@]*)@", 1), plain.str.extract(r"^[^@]*@([^@]*)$", 1)
        bare = local.str.replace(r"\+.*$", "").str.replace_all(".", "", literal=True)
        plain = pl.when(domain.is_in(GMAIL)).then(pl.concat_str(bare, pl.lit("@"), domain)).otherwise(plain)
    return pl.when(_is_address(plain, form)).then(plain)


def _is_address(plain: pl.Expr, form: str) -> pl.Expr:
    local = plain.str.extract(r"^([^@]*)@", 1)
    is_short = (plain.str.len_bytes() <= MOST_BYTES) & (local.str.len_bytes() <= MOST_LOCAL_BYTES)
    is_address = plain.str.contains(ADDRESS) & is_short
    return is_address & local.str.contains(r"^[\x00-\x7f]*$") if form == "ascii" else is_address


def email_fault(text: pl.Expr, form: str = "plain") -> pl.Expr:
    """Why an address is none; null where it is one, or where there is nothing."""
    is_given = normalised_text(text).is_not_null()
    words = pl.when(_is_address(normalised_text(text), "plain") & pl.lit(form == "ascii"))
    why = words.then(pl.lit("letters before the @ that the tool does not take")).otherwise(pl.lit("no e-mail address"))
    return pl.when(is_given & normalised_email(text, form).is_null()).then(why)


def normalised_phone(text: pl.Expr, form: str = "plus") -> pl.Expr:
    """An international number in one of the `PHONE_FORMS`; null for what is none.

    Everything but digits goes, "(0)" with it, and an initial 00 stands for the plus sign. A number that begins with a
    single 0 names no country, so nobody could match it.
    """
    digits = _digits(text)
    is_number = digits.str.len_bytes().is_between(FEWEST_DIGITS, MOST_DIGITS) & ~digits.str.starts_with("0")
    return pl.when(is_number).then(digits if form == "digits" else pl.concat_str(pl.lit("+"), digits))


def phone_fault(text: pl.Expr) -> pl.Expr:
    """Why a phone number is none; null where it is one, or where there is nothing."""
    is_given = normalised_text(text).is_not_null()
    why = pl.when(_digits(text).str.starts_with("0")).then(pl.lit("no country code")).otherwise(pl.lit("no number"))
    return pl.when(is_given & normalised_phone(text).is_null()).then(why)


def _digits(text: pl.Expr) -> pl.Expr:
    digits = text.str.replace_all("(0)", "", literal=True).str.replace_all("[^0-9]", "")
    return pl.when(text.str.contains("+", literal=True)).then(digits).otherwise(digits.str.strip_prefix("00"))


def sha256(contacts: pl.Series) -> pl.Series:
    """SHA-256 of each text's UTF-8 bytes, as 64 hexadecimal digits in lower case; null for null."""
    hashes = [None if text is None else hashlib.sha256(text.encode()).hexdigest() for text in contacts.to_list()]
    return pl.Series(contacts.name, hashes, dtype=pl.String)
