"""Ways to spoil bytes, for the fuzz test and for benchmarks/fuzz.py."""

from __future__ import annotations

import random

# Values at which lengths and counts go wrong.
EDGES = (
    b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80",
    b"\x80\0\0\0", b"\1\0\0\0", b"\0\0\0\1", b"\0\0\0\0\0\0\xf8\x7f", b"\0\0\0\0\0\0\xf0\x7f",
    b"\xff\xff\xff\xff\xff\xff\xef\x7f", b"\0", b"\xff", b"<", b'"', b"-", b"1e999", b"NaN", b"\n",
)  # fmt: skip


def spoilt(data: bytes, chance: random.Random) -> bytes:
    """Change some bytes: flip, overwrite, cut out, double, exchange, or break off."""
    spoiling = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 16))):
        if not spoiling:
            break
        place = chance.randrange(len(spoiling))
        # Headers decide most.
        if chance.random() < 0.5:
            place = min(place, chance.randrange(200))
        length = chance.choice((1, 2, 4, 8, 30, 200))
        way = chance.randrange(6)
        if way == 0:
            spoiling[place] ^= 1 << chance.randrange(8)
        elif way == 1:
            edge = chance.choice(EDGES)
            spoiling[place : place + len(edge)] = edge
        elif way == 2:
            del spoiling[place : place + length]
        elif way == 3:
            spoiling[place:place] = spoiling[place : place + length] * chance.choice((1, 2, 20))
        elif way == 4:
            other = chance.randrange(len(spoiling))
            spoiling[place : place + length] = spoiling[other : other + length]
        else:
            del spoiling[place if chance.random() < 0.2 else max(place, len(spoiling) - length) :]
    return bytes(spoiling)
