"""What lies around and between the lots: neighbours, works, encumbrances, lines under the map.

Positions are metres in each zone's own coordinates (see ``loc_son`` and ``phu_hoi``).
"""

from __future__ import annotations

from typing import Any

from sample.plane import Point, Ring


def box(x0: float, y0: float, x1: float, y1: float, lean: float = 0.0) -> Ring:
    """A quadrilateral that leans to the east with its height."""
    return [(x0, y0), (x1, y0 + lean / 3), (x1 + lean, y1), (x0 + lean, y1 - lean / 4)]


RECEPTORS: dict[str, list[tuple[str, str, Ring, str | None]]] = {
    "loc-son": [
        ("housing", "Khu dân cư Tổ 5", box(-1130, -470, -960, -240, 20), None),
        ("housing", "Khu dân cư phía Bắc", box(-560, 690, -210, 860, 25), None),
        ("housing", "Khu dân cư góc Đông Nam", box(560, -560, 800, -410, -10), None),
        ("housing", "Nhà ở công nhân lô CN6", box(-395, -250, -160, -125, 4), "2020-09-01"),
        ("resettlement", "Khu tái định cư Lộc Sơn", box(930, -190, 1150, 90, 15), "2010-06-01"),
        ("school", "Trường tiểu học (ví dụ)", box(-1080, 40, -975, 130, 8), None),
        ("hospital", "Trạm y tế (ví dụ)", box(840, -520, 905, -455, 5), None),
        ("green", "Rừng thông", box(60, 700, 520, 960, 40), None),
        ("water", "Suối và hồ chứa phía Nam", box(-900, -900, -420, -760, 60), None),
    ],
    "phu-hoi": [
        ("housing", "Khu dân cư thôn Phú Thạnh (ví dụ)", box(-1010, -420, -760, -60, 20), None),
        ("housing", "Khu dân cư phía Nam", box(180, -1010, 520, -840, 10), None),
        ("housing", "Nhà ở công nhân Phú Hội", box(370, -583, 560, -525, 4), "2014-03-01"),
        ("resettlement", "Khu tái định cư Phú Hội", box(-520, -1080, -210, -900, 20), "2011-09-01"),
        ("school", "Trường trung học (ví dụ)", box(-820, 60, -705, 160, 6), None),
        ("hospital", "Phòng khám đa khoa (ví dụ)", box(-180, -960, -80, -880, 4), None),
        ("green", "Rừng phòng hộ ven sông", box(760, 300, 1060, 900, -60), None),
        ("water", "Sông phía Đông", [
            (700, -1000), (790, -1000), (830, -480), (870, -230), (862, 30), (800, 320), (740, 700),
            (640, 700), (705, 290), (770, 20), (778, -240), (738, -500),
        ], None),
    ],
    "tan-phu": [
        ("housing", "Khu dân cư ven đường", box(-1700, -300, -1450, 100, 20), None),
        ("water", "Hồ thủy lợi", box(300, 1150, 800, 1420, 60), None),
    ],
    "dai-lao": [("housing", "Khu dân cư Đại Lào", box(-1600, -500, -1300, -200, 30), None)],
}  # fmt: skip

STACKS: list[tuple[str, str, Point, str | None]] = [
    ("loc-son", "LS-CN02-05", (-340, 520), "III"),
    ("loc-son", "LS-CN07-04", (-575, -330), None),
    ("loc-son", "LS-CN11-04", (755, -265), "IV"),
    ("phu-hoi", "PH-CN03-01", (-545, -350), "III"),
    ("phu-hoi", "PH-CN06-01", (-560, -35), None),
]
PARCEL_EMITTERS = [
    ("LS-KT01-01", "IV"), ("LS-CN02-06", "III"), ("LS-CN11-03", None), ("LS-CN08-02", "V"),
    ("PH-CN01-01", "III"), ("PH-CN03-05", None), ("PH-KT01-03", "V"),
]  # fmt: skip
BUILDING_EMITTERS = {
    "LS-CN02-07": "III", "LS-KT01-02": "IV", "LS-CN10-02": None, "PH-CN01-02": "III",
    "PH-CN04-04": "II", "PH-CN05-02": None,
}  # fmt: skip
WORKS_EMITTERS = [
    # parcel, kind, capacity in m³ a day, enclosed, since
    ("LS-HT-01", "wastewater_works", 3000.0, False, "2013-10-01"),
    ("LS-HT-02", "waste_works", None, True, "2013-10-01"),
    ("PH-HT-01", "wastewater_works", 1500.0, True, "2015-06-01"),
]

Work = tuple[str, bool, float | None, str | None, float, str | None, str | None, Ring, bool]
WORKS: dict[str, list[Work]] = {
    # kind, inside, capacity, unit, progress, due, done, points, whether an area
    "loc-son": [
        ("road", True, 40, "m", 1.0, "2012-12-31", "2013-04-15",
         [(-850, 9), (-11, 31), (805, 2)], False),
        ("road", True, 18, "m", 0.85, "2014-12-31", None,
         [(-11, 318), (800, 290)], False),
        ("road", False, 24, "m", 1.0, "2010-12-31", "2011-07-01",
         [(-850, 9), (-1250, -30), (-1500, 60)], False),
        ("power", True, 63, "MVA", 1.0, "2011-12-31", "2012-03-20",
         box(545, 305, 575, 575, 20), True),
        ("power", False, 110, "kV", 1.0, "2011-12-31", "2012-03-01",
         [(570, 590), (700, 1300)], False),
        ("water", True, 6000, "m³/ngày", 1.0, "2010-06-30", "2010-11-15",
         [(-850, 30), (-11, 52), (800, 24)], False),
        ("water", False, 10000, "m³/ngày", 1.0, "2019-12-31", "2021-06-15",
         [(-850, 30), (-1400, 420)], False),
        ("wastewater", True, 3000, "m³/ngày", 1.0, "2012-12-31", "2013-10-01",
         box(-810, -395, -670, -290, 2), True),
        ("drainage", True, 1500, "mm", 0.9, "2016-12-31", None,
         [(-11, -290), (-640, -300), (-720, -540)], False),
        ("green", True, 17, "ha", 0.6, "2018-12-31", None,
         box(240, -425, 445, -290, 3), True),
        ("telecom", True, None, None, 1.0, "2011-12-31", "2011-12-20",
         [(-850, 35), (800, 28)], False),
        ("solid_waste", True, 20, "tấn/ngày", 1.0, "2013-12-31", "2013-10-01",
         box(-664, -395, -626, -290, 1), True),
        ("worker_housing", True, 900, "chỗ ở", 0.45, "2020-12-31", None,
         box(-395, -250, -160, -125, 4), True),
        ("public_utility", False, 300, "trẻ", 0.2, "2020-12-31", None,
         box(-1060, 180, -990, 240, 3), True),
    ],
    "phu-hoi": [
        ("road", True, 36, "m", 1.0, "2009-12-31", "2010-02-10",
         [(-5, -745), (26, 150)], False),
        ("road", True, 20, "m", 1.0, "2012-12-31", "2013-05-06",
         [(-600, -420), (605, -480)], False),
        ("road", False, 30, "m", 0.8, "2018-06-30", None,
         [(-5, -745), (-60, -1200), (-400, -1500)], False),
        ("power", True, 40, "MVA", 1.0, "2010-12-31", "2011-01-17",
         box(350, -610, 560, -590, 2), True),
        ("water", True, 3500, "m³/ngày", 1.0, "2010-12-31", "2011-06-01",
         [(10, -745), (40, 150)], False),
        ("wastewater", True, 1500, "m³/ngày", 1.0, "2014-12-31", "2015-06-01",
         box(355, -700, 555, -640, 3), True),
        ("drainage", True, 1200, "mm", 0.75, "2016-12-31", None,
         [(-560, -140), (640, -190)], False),
        ("green", True, 8, "ha", 0.5, "2017-12-31", None,
         box(480, -500, 590, -475, 2), True),
        ("telecom", False, None, None, 1.0, "2010-12-31", "2010-10-01",
         [(0, -745), (-70, -1200)], False),
        ("solid_waste", False, 15, "tấn/ngày", 0.0, "2019-12-31", None,
         box(-900, -700, -830, -640, 2), True),
        ("worker_housing", True, 600, "chỗ ở", 1.0, "2013-12-31", "2014-03-01",
         box(370, -583, 560, -525, 4), True),
        ("public_utility", False, 500, "chỗ", 0.35, "2020-12-31", None,
         box(-300, -980, -230, -910, 2), True),
    ],
    "tan-phu": [
        ("road", False, 24, "m", 0.1, "2020-12-31", None,
         [(-1300, 90), (-2100, 160)], False),
        ("power", False, 22, "kV", 0.0, "2020-12-31", None,
         [(-1300, 60), (-2100, 30)], False),
    ],
}  # fmt: skip

ALONG_ROADS: dict[str, dict[str, list[tuple[str, float, str, str | None]]]] = {
    # by phase: kind, progress, due, done; laid along the roads that have no such line of their own
    "loc-son": {
        "1": [
            ("road", 1.0, "2008-12-31", "2009-06-30"),
            ("power", 1.0, "2009-12-31", "2010-03-15"),
            ("water", 1.0, "2010-06-30", "2010-11-15"),
            ("wastewater", 1.0, "2012-12-31", "2013-10-01"),
            ("drainage", 1.0, "2011-12-31", "2012-05-10"),
            ("telecom", 1.0, "2011-12-31", "2011-12-20"),
        ],
        "2": [
            ("road", 1.0, "2013-12-31", "2014-12-15"),
            ("power", 1.0, "2014-12-31", "2015-08-20"),
            ("water", 1.0, "2014-12-31", "2016-02-01"),
            ("wastewater", 0.7, "2019-12-31", None),
            ("drainage", 1.0, "2015-06-30", "2015-10-12"),
            ("telecom", 1.0, "2015-12-31", "2016-05-03"),
        ],
    },
    "phu-hoi": {
        "1": [
            ("road", 1.0, "2009-12-31", "2010-06-30"),
            ("power", 1.0, "2010-12-31", "2011-01-17"),
            ("water", 1.0, "2010-12-31", "2011-06-01"),
            ("wastewater", 1.0, "2014-12-31", "2015-06-01"),
            ("drainage", 1.0, "2013-12-31", "2014-09-30"),
            ("telecom", 1.0, "2010-12-31", "2010-12-20"),
        ],
    },
}
ROAD_M = 18
"""Width of the roads laid along the blocks."""

ENCUMBRANCES: list[tuple[str, str, int, Ring]] = [
    ("loc-son", "power_corridor", 1, [(555, 640), (585, 640), (480, -240), (452, -240)]),
    ("loc-son", "steep_slope", 3, [
        (-880, 180), (-780, 305), (-640, 470), (-690, 570), (-880, 400),
    ]),
    ("loc-son", "stream_corridor", 2, [(-840, -640), (-300, -640), (-300, -575), (-820, -452)]),
    ("loc-son", "flood_prone", 5, [(-860, -640), (-420, -640), (-440, -470), (-700, -420)]),
    ("loc-son", "graves", 4, box(640, 320, 720, 372, 6)),
    ("phu-hoi", "river_corridor", 2, [
        (560, -760), (760, -760), (760, 240), (600, 240), (628, 0), (632, -240), (580, -490),
        (545, -690),
    ]),
    ("phu-hoi", "power_corridor", 1, [(-640, 36), (700, -20), (700, -48), (-640, 8)]),
]  # fmt: skip

CONTEXT: dict[str, list[tuple[str, str, Ring]]] = {
    "loc-son": [
        ("road", "Quốc lộ 20", [
            (-2600, 500), (-1900, 210), (-1500, 60), (-1300, -500), (-900, -1300), (100, -1900),
        ]),
        ("road", "Đường Lý Thái Tổ", [(-1500, 60), (-1250, -30), (-850, 9)]),
        ("river", "Suối Lộc Sơn (ví dụ)", [(-1700, -1150), (-900, -880), (-420, -790), (300, -830),
                                          (1500, -700)]),
        ("boundary", "Ranh giới phường", [(-1900, 1200), (-300, 1050), (900, 1250), (1500, 300),
                                         (1350, -900)]),
    ],
    "phu-hoi": [
        ("road", "Quốc lộ 20", [(-1900, -1300), (-400, -1500), (900, -1350), (2100, -1500)]),
        ("road", "Đường vào KCN", [(-400, -1500), (-60, -1200), (-5, -745)]),
        ("river", "Sông Đa Nhim (ví dụ)", [(760, -1900), (745, -1000), (785, -500), (824, -240),
                                          (815, 20), (750, 310), (690, 700), (820, 1500)]),
        ("boundary", "Ranh giới xã", [(-1800, 900), (-700, 1050), (400, 1150), (1500, 900)]),
    ],
    "tan-phu": [
        ("road", "Quốc lộ 27 (ví dụ)", [(-2300, -1300), (-2100, 100), (-1900, 1500)]),
        ("river", "Suối Tân Phú (ví dụ)", [(-600, 1700), (300, 1250), (900, 1350), (1800, 1200)]),
    ],
    "dai-lao": [
        ("road", "Quốc lộ 20", [(-2400, -900), (-1400, -1000), (300, -1250), (1900, -700)]),
    ],
}  # fmt: skip


def zone_rows(table: dict[str, list[Any]]) -> list[tuple[str, int, Any]]:
    """Rows of a table by zone, with the number a row has in its zone."""
    return [
        (zone_id, number, row)
        for zone_id, rows in table.items()
        for number, row in enumerate(rows, start=1)
    ]
