"""What was published of the zones: claims with their sources, targets, and dated steps.

Contradictory figures stand side by side. Where a source gives a year only, the claim stands at the
end of that year and says so; where it gives no date, the date is missing.
"""

from __future__ import annotations

from typing import Any

NOTICE = "Thông báo của Ban Quản lý các KCN, 3/2018"
COMPUTED = f"Tính từ {NOTICE}"
PLAN = "Kế hoạch hành động của Ban Quản lý các KCN, 16/4/2013"
DECISION = "Văn bản điều chỉnh quy hoạch KCN"
YEAR = "chỉ biết năm"

ZONES: dict[str, dict[str, Any]] = {
    "loc-son": {"name": "KCN Lộc Sơn", "established_on": "2005-01-01"},
    "phu-hoi": {"name": "KCN Phú Hội", "established_on": "2005-01-01"},
    "tan-phu": {"name": "KCN – Đô thị Tân Phú", "stage": "planned", "removed_on": "2020-07-01"},
    "dai-lao": {"name": "KCN – Đô thị Đại Lào", "stage": "proposed"},
}
ZONE_VERSIONS: dict[tuple[str, str], dict[str, Any]] = {
    ("loc-son", "2005-01-01"): {
        "approved_area_ha": 93.35,
        "plan_document": "Quy hoạch ban đầu 93,35 ha; ngày thành lập giả định",
    },
    ("loc-son", "2009-08-11"): {
        "approved_area_ha": 185.0,
        "plan_document": "Mở rộng lên 185 ha, 11/8/2009",
    },
    ("loc-son", "2015-08-12"): {
        "approved_area_ha": 183.0,
        "plan_document": "Điều chỉnh còn 183 ha, 12/8/2015",
    },
    ("phu-hoi", "2005-01-01"): {
        "approved_area_ha": 174.0,
        "plan_document": "Quy hoạch 174 ha; ngày thành lập giả định",
    },
    ("phu-hoi", "2015-08-12"): {
        "approved_area_ha": 109.0,
        "plan_document": "Điều chỉnh còn 109 ha, 2015; ngày trong năm giả định",
    },
    ("tan-phu", "2009-01-01"): {
        "approved_area_ha": 415.49,
        "plan_document": "Phần công nghiệp 415,49 ha trong quy hoạch 2009; ngày trong năm giả định",
    },
    ("tan-phu", "2015-08-12"): {
        "name": "KCN nông nghiệp Tân Phú",
        "approved_area_ha": 328.0,
        "plan_document": "Đổi tên và điều chỉnh còn 328 ha, 2015; ngày trong năm giả định",
    },
    ("dai-lao", "2009-01-01"): {
        "plan_document": "Chưa được duyệt; 475 ha theo một trang tin của tỉnh; ngày giả định",
    },
    ("dai-lao", "2024-01-01"): {
        "name": "KCN Lộc Châu – Đại Lào",
        "plan_document": "Chưa được duyệt; 188 ha theo đề xuất 2024; ngày trong năm giả định",
    },
}

_CLAIMS = [
    ("loc-son", "approved_area_ha", None, 93.35, "2009-08-10", f"{DECISION} Lộc Sơn, trước 2009"),
    ("loc-son", "approved_area_ha", None, 185, "2009-08-11", f"{DECISION} Lộc Sơn, 11/8/2009"),
    ("loc-son", "approved_area_ha", None, 183, "2015-08-12", f"{DECISION} Lộc Sơn, 12/8/2015"),
    ("loc-son", "leased_ha", None, 76.072, "2018-03-31", NOTICE),
    ("loc-son", "reserved_ha", None, 16.1371, "2018-03-31", NOTICE),
    ("loc-son", "recovering_ha", None, 3.743, "2018-03-31", NOTICE),
    ("loc-son", "repurposed_ha", None, 4, "2018-03-31", f"{NOTICE}: nhà ở công nhân, lô CN6"),
    ("loc-son", "available_ha", None, 18.793, "2018-03-31", NOTICE),
    ("loc-son", "uncleared_ha", None, 17, "2018-03-31", NOTICE),
    ("loc-son", "base_ha", "nd164-2013", 135.7451, "2018-03-31",
     f"{COMPUTED}: tổng các tình trạng"),
    ("loc-son", "fill_rate", "nd164-2013", 0.5604, "2018-03-31", f"{COMPUTED}: 76,072 / 135,7451"),
    ("loc-son", "fill_rate", "cleared", 0.6406, "2018-03-31", f"{COMPUTED}: 76,072 / 118,7451"),
    ("loc-son", "lot_leased_ha", None, 8.36, "2018-03-31", f"{NOTICE}: 1 phần lô CN9"),
    ("phu-hoi", "approved_area_ha", None, 196.73, "2005-12-31",
     f"{DECISION} Phú Hội, 2005; {YEAR}"),
    ("phu-hoi", "approved_area_ha", None, 174, "2014-12-31",
     f"{DECISION} Phú Hội, trước 2015; {YEAR}"),
    ("phu-hoi", "approved_area_ha", None, 109, "2015-12-31", f"{DECISION} Phú Hội, 2015; {YEAR}"),
    ("phu-hoi", "leased_ha", None, 63.572, "2018-03-31", NOTICE),
    ("phu-hoi", "uncleared_ha", None, 21.1, "2018-03-31", NOTICE),
    ("phu-hoi", "fill_rate", "cleared", 1, "2018-03-31", f"{NOTICE}: 100 % đất đã giải phóng"),
    ("phu-hoi", "base_ha", "nd164-2013", 84.672, "2018-03-31", f"{COMPUTED}: 63,572 + 21,1"),
    ("tan-phu", "approved_area_ha", None, 415.49, "2009-12-31",
     f"{DECISION} Tân Phú, 2009: phần công nghiệp; {YEAR}"),
    ("tan-phu", "approved_area_ha", None, 496.32, "2009-12-31",
     f"{DECISION} Tân Phú, 2009: cả khu công nghiệp và đô thị; {YEAR}"),
    ("tan-phu", "approved_area_ha", None, 469, None, "Tin đã đăng về Tân Phú; không rõ ngày"),
    ("tan-phu", "approved_area_ha", None, 328, "2015-12-31",
     f"{DECISION} Tân Phú, 2015: KCN nông nghiệp; {YEAR}"),
    ("dai-lao", "approved_area_ha", None, 475, None,
     "Trang tin của tỉnh về Đại Lào; không rõ ngày"),
    ("dai-lao", "approved_area_ha", None, 188, "2024-12-31",
     f"Đề xuất KCN Lộc Châu – Đại Lào, 2024; {YEAR}"),
    (None, "fill_rate", "cleared", 0.847, "2022-12-31",
     f"Tính từ thông báo của Ban Quản lý các KCN, 2022: toàn tỉnh; {YEAR}"),
    (None, "fill_rate", None, 0.4999, "2025-10-31",
     "Số liệu đã công bố, 10/2025: 15 KCN của tỉnh sau sáp nhập; không rõ định nghĩa"),
    (None, "zones_count", None, 15, "2025-10-31", "Số liệu đã công bố, 10/2025: tỉnh sau sáp nhập"),
    (None, "projects_count", None, 50, "2018-03-31", "Thông báo của Ban Quản lý các KCN"),
    (None, "projects_on_land_count", None, 47, "2018-03-31", "Thông báo của Ban Quản lý các KCN"),
    (None, "projects_in_workshops_count", None, 2, "2018-03-31",
     "Thông báo của Ban Quản lý các KCN"),
    (None, "projects_in_offices_count", None, 1, "2018-03-31", "Thông báo của Ban Quản lý các KCN"),
]  # fmt: skip

_MILESTONES = [
    ("loc-son", "established", None, "2005-01-01", "Ngày thành lập giả định", "assumed"),
    ("loc-son", "extended", None, "2009-08-11", f"{DECISION}: 93,35 → 185 ha", "published"),
    ("loc-son", "reduced", None, "2015-08-12", f"{DECISION}: 185 → 183 ha", "published"),
    ("loc-son", "wastewater_running", "2012-12-31", "2013-10-01", "Giả định", "assumed"),
    ("loc-son", "filled", "2015-12-31", None, f"{PLAN}: lấp đầy đến hết năm 2015", "published"),
    ("phu-hoi", "established", None, "2005-01-01", "Ngày thành lập giả định", "assumed"),
    ("phu-hoi", "reduced", None, "2015-08-12", f"{DECISION}: 174 → 109 ha; {YEAR}", "published"),
    ("phu-hoi", "wastewater_running", "2014-12-31", "2015-06-01", "Giả định", "assumed"),
    ("phu-hoi", "filled", "2015-12-31", None, f"{PLAN}: lấp đầy đến hết năm 2015", "published"),
    ("tan-phu", "planned", None, "2009-01-01", f"Đưa vào quy hoạch 2009; {YEAR}", "published"),
    ("tan-phu", "developer_called", "2020-12-31", None,
     f"{PLAN}: 2014–2020 kêu gọi chủ đầu tư hạ tầng và nhà đầu tư thứ cấp", "published"),
    ("tan-phu", "investors_called", "2020-12-31", None,
     f"{PLAN}: kêu gọi nhà đầu tư thứ cấp", "published"),
    ("tan-phu", "renamed", None, "2015-08-12",
     f"Đổi tên KCN nông nghiệp, 328 ha; {YEAR}", "published"),
    ("tan-phu", "removed", None, "2020-07-01", f"Đưa ra khỏi quy hoạch 2020; {YEAR}", "published"),
    ("dai-lao", "deferred", None, "2009-01-01", f"Hoãn lại 2009; {YEAR}", "published"),
    ("dai-lao", "proposed", None, "2013-04-16", f"{PLAN}: thủ tục bổ sung quy hoạch", "published"),
    ("dai-lao", "dossier_submitted", "2014-12-31", None,
     "Giả định: hồ sơ đề nghị bổ sung quy hoạch", "assumed"),
    ("dai-lao", "added_to_plan", None, None, f"{PLAN}: bổ sung quy hoạch cả nước", "published"),
]  # fmt: skip


def claims() -> list[dict[str, Any]]:
    """Published figures; a claim without a zone is about the whole province."""
    names = ("zone_id", "measure", "definition", "value", "on", "source")
    return [dict(zip(names, row, strict=True)) for row in _CLAIMS]


def targets() -> list[dict[str, Any]]:
    """What the plan of 2013 wants reached; it names no definition of the rate."""
    return [
        {
            "zone_id": zone_id,
            "measure": "fill_rate",
            "definition": None,
            "value": 1.0,
            "on": "2015-12-31",
            "set_on": "2013-04-16",
            "source": f"{PLAN}: lấp đầy đất công nghiệp đến hết năm 2015",
        }
        for zone_id in ("loc-son", "phu-hoi")
    ]


def milestones() -> list[dict[str, Any]]:
    """Dated steps in the life of each zone."""
    names = ("zone_id", "kind", "due_on", "done_on", "document", "basis")
    return [dict(zip(names, row, strict=True)) for row in _MILESTONES]
