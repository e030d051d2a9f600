"""The first bits of MD5, beside those of the interpreter's."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whalecurve.kernels.functions.md5 import PLACE_BITS, places


def ours(prefix, texts):
    ends = np.cumsum([0, *(len(text) for text in texts)])
    return places(np.frombuffer(prefix, np.uint8), np.frombuffer(b"".join(texts), np.uint8), ends)


def expected(prefix, texts):
    return [int.from_bytes(hashlib.md5(prefix + text).digest()[:8], "big") >> (64 - PLACE_BITS) for text in texts]


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (b"", "d41d8cd98f00b204e9800998ecf8427e"),
        (b"abc", "900150983cd24fb0d6963f7d28e17f72"),
        (b"1234567890" * 8, "57edf4a22be3c955ac49da2e2107b67a"),
    ],
)
def test_test_vectors_of_the_rfc(text, digest):
    assert ours(b"", [text]).tolist() == [int(digest[:16], 16) >> 11]


def test_texts_of_every_length_around_the_ends_of_blocks():
    texts = [b"x" * n for n in range(200)]
    for prefix in (b"", b"spring:", b"p" * 63):
        assert ours(prefix, texts).tolist() == expected(prefix, texts)


@given(st.binary(max_size=80), st.lists(st.binary(max_size=150), min_size=1, max_size=5))
def test_any_bytes_hash_as_the_interpreter_has_it(prefix, texts):
    assert ours(prefix, texts).tolist() == expected(prefix, texts)


def test_many_texts_hash_alike_on_several_threads():
    texts = [str(i).encode() for i in range(150_000)]
    assert ours(b"spring:", texts).tolist() == expected(b"spring:", texts)
