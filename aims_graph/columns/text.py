"""Kernels on slices of one byte buffer: hash, equality and order, eight bytes a step.

A slice is (start, length) in bytes. Buffers must have ``PADDING`` readable bytes after the last
slice. UTF-8 bytes compare as code points do, which is the order SPARQL and XPath ask for.
"""

import secrets
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Int64s = NDArray[np.int64]
Words = NDArray[np.uint64]

PADDING: Final = 8
_BITS: Final = 0xFFFF_FFFF_FFFF_FFFF

#: Drawn anew in each process, so that nobody can prepare terms that share a hash.
_SEED: Final = secrets.randbits(64)
_FACTOR: Final = secrets.randbits(63) << 1 | 1
_KEEP: Final = np.array([(1 << 8 * n) - 1 for n in range(8)] + [_BITS], np.uint64)

#: Beyond so many words a slice is handled alone: a huge literal must not cost a NumPy round for
#: each eight bytes.
_LONGEST: Final = 64


def words_at(buffer: Bytes, starts: Int64s) -> Words:
    """The eight bytes from each start, little-endian; starts need not be aligned."""
    windows: Words = np.ndarray((max(len(buffer) - 7, 0),), "<u8", buffer, strides=(1,))
    return windows[starts]


def _masked_words(buffer: Bytes, starts: Int64s, remaining: Int64s) -> Words:
    words = words_at(buffer, starts)
    words &= _KEEP[np.minimum(remaining, 8)]
    return words


def hash_slices(buffer: Bytes, starts: Int64s, lengths: Int64s, salt: NDArray[np.int32]) -> Words:
    """64-bit hashes of (salt, bytes); ``hash_bytes`` is the same for one slice."""
    hashes = (salt.astype(np.uint64) << np.uint64(32)) ^ lengths.astype(np.uint64)
    hashes ^= np.uint64(_SEED)
    active = np.flatnonzero((lengths > 0) & (lengths <= 8 * _LONGEST))
    step = 0
    while len(active):
        rest = lengths[active] - step
        mixed = hashes[active] ^ _masked_words(buffer, starts[active] + step, rest)
        mixed *= np.uint64(_FACTOR)
        mixed ^= mixed >> np.uint64(29)
        hashes[active] = mixed
        step += 8
        active = active[rest > 8]
    for index in np.flatnonzero(lengths > 8 * _LONGEST):
        start = starts[index]
        data = buffer[start : start + lengths[index]].tobytes()
        hashes[index] = hash_bytes(data, int(salt[index]))
    return hashes


def hash_bytes(data: bytes, salt: int) -> int:
    value = (salt << 32) ^ len(data) ^ _SEED
    if len(data) > 8 * _LONGEST:
        # The interpreter's own string hash: keyed, and linear in native code.
        return (value ^ hash(data)) * _FACTOR & _BITS
    for step in range(0, len(data), 8):
        value = (value ^ int.from_bytes(data[step : step + 8], "little")) * _FACTOR & _BITS
        value ^= value >> 29
    return value


def equal_slices(
    left: Bytes, left_starts: Int64s, right: Bytes, right_starts: Int64s, lengths: Int64s
) -> NDArray[np.bool_]:
    """Whether the slices, pairwise of the given lengths, hold the same bytes."""
    equal = np.ones(len(lengths), np.bool_)
    active = np.flatnonzero((lengths > 0) & (lengths <= 8 * _LONGEST))
    step = 0
    while len(active):
        rest = lengths[active] - step
        ours = _masked_words(left, left_starts[active] + step, rest)
        same = ours == _masked_words(right, right_starts[active] + step, rest)
        equal[active[~same]] = False
        step += 8
        active = active[same & (rest > 8)]
    for index in np.flatnonzero(lengths > 8 * _LONGEST):
        length, first, second = lengths[index], left_starts[index], right_starts[index]
        equal[index] = np.array_equal(left[first : first + length], right[second : second + length])
    return equal


def order_slices(
    buffer: Bytes,
    left_starts: Int64s,
    left_lengths: Int64s,
    right_starts: Int64s,
    right_lengths: Int64s,
) -> NDArray[np.int8]:
    """-1, 0 or 1: the slices pairwise in byte order."""
    result: NDArray[np.int8] = np.sign(left_lengths - right_lengths).astype(np.int8)
    shared = np.minimum(left_lengths, right_lengths)
    active = np.flatnonzero((shared > 0) & (shared <= 8 * _LONGEST))
    step = 0
    while len(active):
        rest = shared[active] - step
        ours = _masked_words(buffer, left_starts[active] + step, rest).byteswap()
        theirs = _masked_words(buffer, right_starts[active] + step, rest).byteswap()
        same = ours == theirs
        result[active[~same]] = np.where(ours < theirs, -1, 1)[~same]
        step += 8
        active = active[same & (rest > 8)]
    for index in np.flatnonzero(shared > 8 * _LONGEST):
        ours_all = buffer[left_starts[index] :][: left_lengths[index]].tobytes()
        theirs_all = buffer[right_starts[index] :][: right_lengths[index]].tobytes()
        result[index] = (ours_all > theirs_all) - (ours_all < theirs_all)
    return result


def joined_slices(buffer: Bytes, starts: Int64s, lengths: Int64s) -> tuple[Bytes, Int64s]:
    """The slices one after another, and their n + 1 offsets.

    The slices must be ascending and must not overlap.
    """
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    if len(lengths) == 0:
        return buffer[:0], offsets
    ends = starts + lengths
    # Gaps and slices take turns.
    runs = np.zeros(2 * len(lengths), np.int64)
    runs[2::2] = starts[1:] - ends[:-1]
    runs[1::2] = lengths
    inside = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return buffer[starts[0] : ends[-1]][inside], offsets


def are_escaped(quotes: Int64s, backslashes: Int64s) -> NDArray[np.bool_]:
    """Whether an odd number of backslashes stands right before each quote (positions, sorted)."""
    if len(backslashes) == 0:
        return np.zeros(len(quotes), np.bool_)
    first = np.concatenate([[True], np.diff(backslashes) != 1])
    run_starts = backslashes[np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))]
    last = np.maximum(np.searchsorted(backslashes, quotes) - 1, 0)
    adjacent: NDArray[np.bool_] = backslashes[last] == quotes - 1
    odd: NDArray[np.bool_] = (quotes - run_starts[last]) % 2 == 1
    return adjacent & odd
