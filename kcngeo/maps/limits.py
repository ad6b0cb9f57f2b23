"""How many lots a page bears, and what is done with more.

Tried in Chromium on a laptop: 100 000 polygons as elements of the page take a minute to load, on
one canvas some seconds.
"""

from __future__ import annotations

ELEMENT_LOTS = 20_000
"""Up to so many lots each is an element of the page; more are drawn on one canvas."""

SIMPLIFY_M = 0.5
"""Tolerance in metres with which the boundaries of more than :data:`ELEMENT_LOTS` lots are drawn
simplified; the hectares come with the data."""

ONE_PAGE_LOTS = 100_000
"""How many lots one page can hold. The fill map tells of more zone by zone, in pages of their own;
maps of one day leave out the lots that only lie under what they tell, and say so."""

MOST_LISTED = 60
"""How many of a theme's list the page of many themes shows; the others are counted, and say what
they have to say where they lie."""

PACKED_BYTES = 300_000
"""From so many bytes on the data of a page travel packed, a tenth to a quarter of the size."""
