"""Contacts in the forms that tools document, against their published examples and a plain reading of their rules."""

import hashlib
import re
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whalecurve.engine.targets import (
    EMAIL_FORMS,
    email_fault,
    normalised_email,
    normalised_phone,
    normalised_text,
    phone_fault,
    sha256,
)


def of(function, texts, *form):
    return (
        pl.DataFrame({"x": texts}, schema={"x": pl.String}).select(function(pl.col("x"), *form)).to_series().to_list()
    )


@pytest.mark.parametrize(
    ("form", "written", "normalised"),
    [
        # Google, Data Manager API, "Format user data"
        ("gmail", "cloudy.sanfrancisco+shopping@gmail.com", "cloudysanfrancisco@gmail.com"),
        ("gmail", "user.name+NYC@Example.com", "user.name+nyc@example.com"),
        ("gmail", " J.Doe @googlemail.com", "jdoe@googlemail.com"),
        ("gmail", "+all@gmail.com", None),  # nothing is left of the name
        ("gmail", "j.doe@mail.gmail.com", "j.doe@mail.gmail.com"),
        # Meta and the others leave dots and tags as they are
        ("plain", " John.Smith+Tag@GMAIL.com\t", "john.smith+tag@gmail.com"),
        ("plain", "john smith@gmail.com", None),
        ("joined", "john smith@ gmail.com", "johnsmith@gmail.com"),
        ("plain", "\ufeffjane@example.com\u200b", "jane@example.com"),  # as spreadsheets leave them
        ("plain", "zoë@example.com", "zoë@example.com"),
        ("ascii", "zoë@example.com", None),
        ("ascii", "zoe@exämple.com", "zoe@exämple.com"),
        ("plain", "nobody", None),
        ("plain", "a@b", None),
        ("plain", "a@b@c.com", None),
        ("plain", "a@b..com", None),
        ("plain", "a@.com", None),
        ("plain", "a@b.com, c@d.com", None),
        ("plain", "x" * 64 + "@example.com", "x" * 64 + "@example.com"),
        ("plain", "x" * 65 + "@example.com", None),
        ("plain", "", None),
        ("plain", None, None),
    ],
)
def test_addresses_take_the_form_that_is_documented(form, written, normalised):
    assert of(normalised_email, [written], form) == [normalised]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+49 (0)30 123-4567", "+49301234567"),
        ("0049.30.1234567", "+49301234567"),
        ("49 30 1234567", "+49301234567"),
        ("1-234-567-8910", "+12345678910"),  # Meta, "How to format a customer list"
        ("+44 844 412 4653", "+448444124653"),
        ("+16577770000", "+16577770000"),  # TikTok, "ID formatting"
        ("030 1234567", None),  # of no country
        ("+0030 1234567", None),
        ("12345", None),
        ("+1234567890123456", None),
        ("call me", None),
        ("+٤٩ 30 1234567", "+301234567"),  # digits are those of ASCII
        ("", None),
        (None, None),
    ],
)
def test_a_phone_number_is_digits_with_a_plus_sign_or_without(written, number):
    assert of(normalised_phone, [written], "plus") == [number]
    assert of(normalised_phone, [written], "digits") == [None if number is None else number.removeprefix("+")]


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        # Meta, Marketing API: the hash of mary@example.com, and its normalised examples
        ("mary@example.com", "f1904cf1a9d73a55fa5de0ac823c4403ded71afd4c3248d00bdcd0866552bb79"),
        ("john_smith@gmail.com", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
        ("16505551212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        # TikTok, "Customer file": the hash of its normalised example
        ("janedoe@gmail.com", "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69"),
        # FIPS 180-2, appendix B.1 and B.2
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
        (None, None),
    ],
)
def test_hashes_are_those_that_are_published(text, digest):
    assert sha256(pl.Series("x", [text], dtype=pl.String)).to_list() == [digest]


def test_the_plus_sign_makes_another_hash():
    """Why one hash cannot serve both: Meta takes the first, Google and TikTok the second."""
    digits, plus = (of(normalised_phone, ["+1 650 555 1212"], form) for form in ("digits", "plus"))
    assert sha256(pl.Series(digits)).item() == hashlib.sha256(b"16505551212").hexdigest()
    assert sha256(pl.Series(plus)).item() == hashlib.sha256(b"+16505551212").hexdigest()


def test_what_cannot_be_used_has_a_reason():
    texts = ["jane@example.com", "nobody", " ", None, "zoë@example.com"]
    assert of(email_fault, texts) == [None, "no e-mail address", None, None, None]
    assert of(email_fault, texts, "ascii")[4] == "letters before the @ that the tool does not take"
    assert of(phone_fault, ["+49 30 1234567", "030 1234567", "12", "?", "", None]) == [
        None,
        "no country code",
        "no number",
        "no number",
        None,
        None,
    ]


def invisible(letter):
    return letter.isspace() or unicodedata.category(letter).startswith("C")


def plainly(text, form):
    """The rules read one after the other, a letter at a time."""
    while text and invisible(text[0]):
        text = text[1:]
    while text and invisible(text[-1]):
        text = text[:-1]
    text = text.lower()
    if form in ("joined", "gmail"):
        text = "".join(letter for letter in text if not (letter.isspace() and letter not in "\x1c\x1d\x1e\x1f"))
    local, at, domain = text.partition("@")
    if form == "gmail" and domain in ("gmail.com", "googlemail.com"):
        local = local.partition("+")[0].replace(".", "")
    text = local + at + domain
    labels = domain.split(".")
    bad = set('@"(),:;<>[]\\')
    is_address = local and at and len(labels) > 1 and all(labels)
    is_address = is_address and not any(letter in bad or invisible(letter) for letter in local + domain)
    is_address = is_address and len(text.encode()) <= 254 and len(local.encode()) <= 64
    return text if is_address and (form != "ascii" or local.isascii()) else None


LETTERS = st.sampled_from([*"abZ.+@@ \t\u00a0\u200b-_'", "é", "ß", "gmail.com", "@gmail.com", "@b.co", '"', ",", "0"])


@given(st.lists(LETTERS, max_size=12).map("".join), st.sampled_from(EMAIL_FORMS))
def test_addresses_are_normalised_as_a_plain_reading_of_the_rules_does(text, form):
    assert of(normalised_email, [text], form) == [plainly(text, form)]


@given(st.lists(LETTERS, max_size=12).map("".join), st.sampled_from(EMAIL_FORMS))
def test_normalising_again_changes_nothing(text, form):
    once = of(normalised_email, [text], form)
    assert of(normalised_email, once, form) == once


@given(st.text("0123456789+() -x.", max_size=22))
def test_a_number_is_one_in_both_forms_and_stays_as_it_is(text):
    (plus,), (digits,) = of(normalised_phone, [text], "plus"), of(normalised_phone, [text], "digits")
    assert (plus is None) == (digits is None)
    if plus is not None:
        assert re.fullmatch(r"\+[1-9][0-9]{6,14}", plus)
        assert plus == f"+{digits}"
        assert of(normalised_phone, [plus, digits], "plus") == [plus, plus]
    else:
        assert of(phone_fault, [text]) == [None] or text.strip()


def test_text_is_trimmed_and_in_lower_case():
    assert of(normalised_text, [" Gold Card\u200b ", "\t", None]) == ["gold card", None, None]
