"""Who held what, when: the published accounts of March 2018 and a plausible way to and from them.

Only the areas by status of March 2018 are published, and two lots by name. Which lots they are,
when each entry began, and all that lies before and after is assumed, and the rows say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sample.book import ASSUMED, NOTICE, PUBLISHED, Book, between, later
from sample.lots import Draft

LS_NOTICE_HA = {"leased": 76.072, "reserved": 16.1371, "recovering": 3.743, "uncleared": 17.0}
LS_LEASED_2022_HA = 74.5
"""With 63,572 ha of Phú Hội this is 84,7 % of the cleared land, the published rate of 2022."""

LS_NAMED = {
    "LS-CN09-01": "Thông báo của Ban Quản lý các KCN, 3/2018: 1 phần lô CN9: 8,36 ha",
    "LS-CN06-07": (
        "Thông báo của Ban Quản lý các KCN, 3/2018: 4 ha của lô CN6 chuyển thành nhà ở công nhân"
    ),
}
LS_NEVER_MENTIONED = ("KT01-08", "CN11-08", "DV01-04")
LS_AVAILABLE = (
    "CN13-02", "CN13-03", "CN13-04", "CN13-05", "CN01-01", "CN01-04", "KT01-05", "CN11-05",
    "CN07-01", "CN02-05",
)  # fmt: skip
LS_RESERVED = (
    *(f"CN12-{number:02d}" for number in range(1, 9)),
    *(f"CN11-{number:02d}" for number in range(1, 5)),
    "CN16-03", "CN16-04", "CN16-05", "CN13-01",
)  # fmt: skip
LS_RECOVERING = ("CN04-05", "CN08-06")
LS_UNCLEARED = (*(f"CN15-{number:02d}" for number in range(1, 9)), "CN16-01")
LS_BALANCE = {
    "leased": "CN02-02", "reserved": "CN13-06", "recovering": "CN02-08", "uncleared": "CN16-02",
}  # fmt: skip
LS_PART_LET = {
    "CN09-01": 8.36, "CN08-02": 1.15, "CN10-03": 1.8, "CN10-06": 1.75, "CN04-03": 1.3,
    "KT01-02": 1.4, "CN03-03": 0.6, "CN06-03": 0.75, "CN08-08": 1.2, "CN02-07": 0.95,
    "CN01-06": 0.65, "CN10-08": 1.5,
}  # fmt: skip
LS_TWO_LET = {"CN10-01": (0.9, 0.814), "CN08-05": (0.7, 0.694)}
LS_CHILDREN = {"CN06-07", "CN06-08"}


def loc_son(draft: Draft) -> Book:
    """The ledger of Lộc Sơn, 2005 to 2023."""
    book, areas = Book(), _areas(draft)
    first = {
        parcel.parcel_id[3:]: parcel.valid_from
        for parcel in sorted(draft.versions, key=lambda one: one.valid_from, reverse=True)
    }
    _ls_vacant(book, first)
    _ls_taken(book, first)
    _ls_lineage(book, first)
    _ls_service(book, first)
    told = {entry.parcel_id for entry in book.entries}
    for lot in sorted(set(areas) - told - {*LS_NEVER_MENTIONED, *LS_BALANCE.values()}):
        _let(book, lot, first[lot], part=LS_PART_LET.get(lot))
    _ls_balance(book, areas, first)
    _ls_recoveries(book)
    _ls_after_notice(book)
    _named(book, "LS-")
    _ls_after_balance(book, areas)
    _ls_corrections(book)
    return book


def _areas(draft: Draft) -> dict[str, float]:
    """Hectares of the industrial lots of March 2018, by the id without the zone's letters."""
    return {
        parcel.parcel_id[3:]: round(parcel.area_m2) / 10_000
        for parcel in draft.versions
        if parcel.land_use == "industrial" and parcel.runs(NOTICE)
    }


def _let(book: Book, lot: str, start: str, part: float | None = None) -> None:
    early = start < "2009-01-01"
    cleared_by, let_by = ("2008-06-01", "2013-09-01") if early else ("2013-11-01", "2017-09-01")
    book.let(lot, start, cleared_by=cleared_by, let_by=let_by, part=part)


def _ls_vacant(book: Book, first: Mapping[str, str]) -> None:
    for lot in LS_AVAILABLE:
        last = "2009-03-01" if first[lot] < "2009" else "2014-06-01"
        cleared = between(lot, "cleared", later(first[lot], 120), last)
        book.write(lot, "uncleared", first[lot], cleared)
    book.write("CN13-03", "reserved", "2015-10-05", "2016-11-21")
    book.write("KT01-05", "reserved", "2012-06-11", "2013-01-07")
    for lot in LS_UNCLEARED:
        book.write(lot, "uncleared", first[lot])


def _ls_taken(book: Book, first: Mapping[str, str]) -> None:
    for lot in LS_RESERVED:
        book.open_until(lot, first[lot], "2015-06-01")
        book.write(lot, "reserved", between(lot, "reserved", "2016-09-01", "2018-02-10"))
    for lot in LS_RECOVERING:
        _let(book, lot, first[lot])
        book.recover(lot, between(lot, "recovered", "2017-02-01", "2017-11-01"), None)


def _ls_lineage(book: Book, first: Mapping[str, str]) -> None:
    """Lots that were split or merged, and lots let to two investors."""
    split_on, merged_on = first["CN06-07"], first["CN10-06"]
    book.write("CN06-01", "uncleared", first["CN06-01"], "2006-02-20")
    book.write("CN06-01", "leased", "2007-03-12", "2015-09-14")
    book.write("CN06-01", "recovering", "2015-09-14", split_on)
    book.write("CN06-07", "repurposed", split_on)
    book.write("CN06-08", "leased", "2017-09-04")
    for parent in ("CN10-09", "CN10-10"):
        book.write(parent, "uncleared", first[parent], "2011-10-03")
    book.write("CN10-09", "reserved", "2012-08-20", merged_on)
    book.write("CN10-06", "leased", later(merged_on, 46), part=LS_PART_LET["CN10-06"])
    for lot, (one, other) in LS_TWO_LET.items():
        _let(book, lot, first[lot], part=one)
        book.write(lot, "leased", between(lot, "second", "2016-01-04", "2017-10-01"), part=other)


def _ls_service(book: Book, first: Mapping[str, str]) -> None:
    for lot, since in (
        ("DV01-01", "2006-07-03"),
        ("DV01-02", "2008-10-01"),
        ("DV01-05", "2011-04-18"),
    ):
        book.write(lot, "leased", since)
    book.write("DV01-03", "leased", "2014-05-05", part=0.5)
    book.write("DV01-06", "reserved", "2016-12-01", "2019-04-01")
    book.write("DV01-06", "leased", "2019-04-01")


def _ls_balance(book: Book, areas: Mapping[str, float], first: Mapping[str, str]) -> None:
    """The lots whose part makes each published sum come out to the square metre."""
    rest = {
        status: _missing_ha(book, areas, status, target, NOTICE)
        for status, target in LS_NOTICE_HA.items()
    }
    lot, part = LS_BALANCE["uncleared"], rest["uncleared"]
    book.write(lot, "uncleared", first[lot], part=part)
    lot, part = LS_BALANCE["reserved"], rest["reserved"]
    book.write(lot, "uncleared", first[lot], "2014-02-10")
    book.write(lot, "reserved", "2017-08-07", part=part)
    lot, part = LS_BALANCE["recovering"], rest["recovering"]
    kept = round(areas[lot] - part, 4)
    book.write(lot, "leased", "2009-05-18", "2017-10-02")
    book.write(lot, "leased", "2017-10-02", part=kept)
    book.write(lot, "recovering", "2017-10-02", "2018-12-03", part=part)
    lot = LS_BALANCE["leased"]
    _let(book, lot, first[lot], part=round(rest["leased"] - kept, 4))


def _missing_ha(
    book: Book, areas: Mapping[str, float], status: str, target_ha: float, on: str
) -> float:
    """What a sum still lacks on a day, in hectares to the square metre."""
    held = sum(
        entry.part_area_ha or areas[entry.parcel_id]
        for entry in book.running(on, status)
        if entry.parcel_id in areas
    )
    return round(target_ha - held, 4)


def _ls_recoveries(book: Book) -> None:
    """Land taken back years before the notice and let again to somebody else."""
    for lot, taken, free, again in (
        ("CN04-01", "2014-05-12", "2015-02-09", "2015-11-16"),
        ("CN07-02", "2014-03-03", "2014-12-15", "2016-06-06"),
        ("CN01-02", "2015-01-19", "2015-08-24", "2017-03-20"),
    ):
        book.recover(lot, taken, free, again)


def _ls_after_notice(book: Book) -> None:
    """2018 to 2023: less land let, and much less land to let."""
    for lot, on in (
        ("CN16-04", "2018-09-10"),
        ("CN11-01", "2019-03-18"),
        ("CN11-02", "2019-03-18"),
        ("CN12-01", "2020-07-06"),
        ("CN12-02", "2020-07-06"),
    ):
        book.close(lot, on)
        book.write(lot, "leased", on)
    for lot in (
        "CN12-03",
        "CN12-04",
        "CN12-05",
        "CN12-06",
        "CN12-07",
        "CN12-08",
        "CN11-03",
        "CN16-03",
        "CN13-06",
    ):
        book.close(lot, between(lot, "lapsed", "2018-06-01", "2019-06-03"))
    book.close("CN04-05", "2018-10-08")
    book.write("CN04-05", "leased", "2019-05-06")
    book.close("CN08-06", "2019-02-11")
    book.close("CN06-07", "2018-11-15")
    for lot in ("CN15-06", "CN15-07"):
        book.clear(lot, "2019-06-03")
    for lot, taken, free in (
        ("CN08-03", "2018-12-10", "2019-09-02"), ("CN08-04", "2018-12-10", "2019-09-02"),
        ("CN02-01", "2019-07-15", "2020-05-11"), ("KT01-06", "2019-11-04", "2020-08-17"),
        ("KT01-07", "2019-11-04", "2020-08-17"), ("CN04-07", "2020-03-09", "2020-12-14"),
        ("CN06-05", "2020-06-01", "2021-03-08"), ("CN06-06", "2020-06-01", "2021-03-08"),
    ):  # fmt: skip
        again = {"CN08-03": "2023-03-13", "CN04-07": "2023-06-05"}.get(lot)
        book.recover(lot, taken, free, again)
    book.write("CN09-01", "leased", "2020-10-05", part=1.112)
    book.write("KT01-05", "leased", "2023-04-03")
    book.clear("CN15-01", "2023-02-13")
    book.write("CN15-01", "reserved", "2023-04-10", "2023-11-06")
    book.write("CN15-01", "leased", "2023-11-06")


def _ls_after_balance(book: Book, areas: Mapping[str, float]) -> None:
    """One investor gives part of a lot back, so that the year 2022 has its assumed sum."""
    areas_by_id = {f"LS-{lot}": area for lot, area in areas.items()}
    lot = "LS-CN10-04"
    book.close(lot, "2020-09-07")
    part = _missing_ha(book, areas_by_id, "leased", LS_LEASED_2022_HA, "2021-12-31")
    book.write(lot, "leased", "2020-09-07", part=part)
    rest = round(areas["CN10-04"] - part, 4)
    book.write(lot, "recovering", "2020-09-07", "2021-08-09", part=rest)


def _ls_corrections(book: Book) -> None:
    for lot, status, at, was in (
        ("CN10-06", "leased", "2014-06-18T08:02:10.040+00:00", {"valid_from": "2013-05-06"}),
        ("CN10-03", "leased", "2017-11-20T03:15:42.125+00:00", {"part_area_ha": 1.95}),
        ("CN12-03", "reserved", "2018-02-26T02:41:07.813+00:00", {"status": "leased"}),
        ("CN09-01", "leased", "2021-01-14T07:30:55.501+00:00", {"part_area_ha": 0.85}),
    ):
        book.correct(f"LS-{lot}", status, at, was)


def phu_hoi(draft: Draft) -> Book:
    """The ledger of Phú Hội, 2005 to 2023."""
    book, areas = Book(), _areas(draft)
    first = {
        parcel.parcel_id[3:]: parcel.valid_from
        for parcel in sorted(draft.versions, key=lambda one: one.valid_from, reverse=True)
    }
    ended = [one for one in draft.versions if one.valid_to and one.lot_code in ("CN10", "CN11")]
    for parcel in ended:
        book.write(parcel.parcel_id[3:], "uncleared", parcel.valid_from, parcel.valid_to)
    for lot in sorted(areas):
        if lot.startswith(("CN08", "CN09")):
            book.write(lot, "uncleared", first[lot])
    _ph_lineage(book, first)
    _ph_before_clearance(book, first)
    told = {entry.parcel_id for entry in book.entries}
    for lot in sorted(set(areas) - told):
        book.let(lot, first[lot], cleared_by="2011-09-01", let_by="2016-06-01")
    book.recover("CN03-02", "2016-07-04", "2017-01-09", "2017-08-14")
    for lot, since in (
        ("DV01-01", "2008-09-01"),
        ("DV01-03", "2012-03-05"),
        ("DV01-04", "2017-05-08"),
    ):
        book.write(lot, "leased", since)
    book.write("DV01-02", "reserved", "2010-06-07", "2011-06-06")
    _ph_after_2022(book)
    _named(book, "PH-")
    book.correct(
        "PH-CN01-03", "leased", "2016-09-27T04:20:31.007+00:00", {"valid_to": "2015-12-31"}
    )
    return book


def _ph_lineage(book: Book, first: Mapping[str, str]) -> None:
    split_on = first["CN07-03"]
    book.write("CN07-01", "uncleared", first["CN07-01"], "2007-11-05")
    book.write("CN07-01", "leased", "2009-02-16", split_on)
    for child in ("CN07-03", "CN07-04", "CN07-05"):
        book.write(child, "leased", split_on)
    for parent in ("CN05-11", "CN05-12"):
        book.write(parent, "uncleared", first[parent], "2009-08-03")
    book.write("CN05-06", "reserved", "2011-09-05", "2012-04-02")
    book.write("CN05-06", "leased", "2012-04-02")
    for lot, parts, since in (
        ("KT01-02", (0.5, 0.462), "2010-05-10"),
        ("CN05-03", (1.0, 0.941), "2013-03-11"),
    ):
        for place, part in enumerate(parts):
            book.write(lot, "leased", later(since, 400 * place), part=part)


def _ph_before_clearance(book: Book, first: Mapping[str, str]) -> None:
    """Let while people still lived there: the law wants it the other way round."""
    for lot, leased, cleared in (
        ("CN06-05", "2011-06-13", "2012-02-06"),
        ("CN06-06", "2011-06-13", "2012-05-14"),
    ):
        book.write(lot, "uncleared", first[lot], cleared)
        book.write(lot, "leased", leased)


def _ph_after_2022(book: Book) -> None:
    for lot, on in (
        ("CN08-01", "2023-03-06"),
        ("CN08-02", "2023-03-06"),
        ("CN08-03", "2023-10-02"),
    ):
        book.clear(lot, on)
    book.write("CN08-01", "leased", "2023-07-03")
    book.write("CN08-02", "reserved", "2023-05-15")
    book.write("CN08-03", "leased", "2023-05-08")


def _named(book: Book, prefix: str) -> None:
    """Full ids, and the document behind each entry in force at the time of the notice."""
    for place, entry in enumerate(book.entries):
        parcel_id = prefix + entry.parcel_id
        is_published = entry.runs(NOTICE) and not entry.parcel_id.startswith("DV")
        document = LS_NAMED.get(parcel_id, PUBLISHED) if is_published else ASSUMED
        book.entries[place] = replace(
            entry,
            parcel_id=parcel_id,
            basis="published" if is_published else "assumed",
            document=document,
        )


def never_let(draft: Draft) -> Book:
    """The ledger of a zone whose blocks were never cleared."""
    book = Book()
    for parcel in draft.versions:
        if parcel.land_use == "industrial":
            book.write(parcel.parcel_id, "uncleared", parcel.valid_from, parcel.valid_to)
    return book
