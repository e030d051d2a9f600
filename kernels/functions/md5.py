"""MD5 of many short texts, RFC 1321 (Rivest 1992): the hash that every warehouse has, so that all find the same.

Not for secrets. The interpreter's own takes 0.9 us a text, nearly all of it in getting there; this 0.2 us a thread.
"""

import math

import numpy as np
from numpy import int64, uint32, uint64

from whalecurve.kernels.arrays import Bytes, Int64, UInt32
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import FEW_ROWS, in_parts

PLACE_BITS = 53
"""Bits of a place: as many as a float64 counts without gaps."""

SINES: UInt32 = np.array([int(abs(math.sin(i + 1)) * 2**32) for i in range(64)], np.uint32)
"""Of each step, by 3.4 of the RFC."""

WORDS: Int64 = np.array(
    [(k * i + first) % 16 for i, (k, first) in enumerate([(1, 0)] * 16 + [(5, 1)] * 16 + [(3, 5)] * 16 + [(7, 0)] * 16)]
)
"""The word of the block that each step takes."""

TURNS: UInt32 = np.array([[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]], np.uint32)
"""By how many bits a sum is rotated, in each round, in turn."""

A, B, C, D = uint32(0x67452301), uint32(0xEFCDAB89), uint32(0x98BADCFE), uint32(0x10325476)


@scalar
def _byte(prefix: Bytes, text: Bytes, start: int, size: int, at: int) -> uint32:
    """A byte of prefix and text as they are padded, but for the length."""
    if at < prefix.shape[0]:
        return uint32(prefix[at])
    if at < size:
        return uint32(text[start + at - prefix.shape[0]])
    return uint32(0x80) if at == size else uint32(0)


@scalar
def _mixed(words: UInt32, a: uint32, b: uint32, c: uint32, d: uint32) -> tuple[uint32, uint32, uint32, uint32]:
    """The state after a block of 16 words."""
    a0, b0, c0, d0 = a, b, c, d
    for i in range(64):
        if i < 16:
            mixed = (b & c) | (~b & d)
        elif i < 32:
            mixed = (d & b) | (~d & c)
        elif i < 48:
            mixed = b ^ c ^ d
        else:
            mixed = c ^ (b | ~d)
        total = uint32(uint32(mixed) + a + SINES[i] + words[WORDS[i]])
        turn = TURNS[i // 16, i % 4]
        a, d, c = d, c, b
        b = uint32(b + ((total << turn) | (total >> (uint32(32) - turn))))
    return uint32(a + a0), uint32(b + b0), uint32(c + c0), uint32(d + d0)


@scalar
def place_one(prefix: Bytes, text: Bytes, start: int, end: int, words: UInt32) -> int64:
    """The first `PLACE_BITS` bits of the MD5 of the prefix and text[start:end], as a number.

    words : uint32[16], to work in
    """
    size = prefix.shape[0] + end - start
    a, b, c, d = A, B, C, D
    last = (size + 8) // 64
    for block in range(last + 1):
        for word in range(16):
            at = 64 * block + 4 * word
            four = uint32(0)
            for byte in range(4):
                four |= _byte(prefix, text, start, size, at + byte) << uint32(8 * byte)
            words[word] = four
        if block == last:
            words[14], words[15] = uint32((8 * size) & 0xFFFFFFFF), uint32((8 * size) >> 32)
        a, b, c, d = _mixed(words, a, b, c, d)
    first = uint64(0)
    for half in (a, b):
        for byte in range(4):
            first = (first << uint64(8)) | uint64((half >> uint32(8 * byte)) & uint32(0xFF))
    return int64(first >> uint64(64 - PLACE_BITS))


@scalar
def _places(first: int, end: int, prefix: Bytes, text: Bytes, ends: Int64, out: Int64) -> None:
    words = np.empty(16, np.uint32)
    for i in range(first, end):
        out[i] = place_one(prefix, text, ends[i], ends[i + 1], words)


def places(prefix: Bytes, text: Bytes, ends: Int64) -> Int64:
    """The first `PLACE_BITS` bits of the MD5 of the prefix and each of n texts. Arrays are C-contiguous.

    Parameters
    ----------
    prefix : uint8[p]
        What is put before each text, as bytes.
    text : uint8[m], ends : int64[n + 1]
        Text i is text[ends[i]:ends[i + 1]].

    Returns
    -------
    int64[n], 0 to 2^53 - 1
    """
    out = np.empty(ends.size - 1, np.int64)
    in_parts(lambda first, end: _places(first, end, prefix, text, ends, out), out.size, few=FEW_ROWS)
    return out
