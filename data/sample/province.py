"""The other zones of the merged province: what is published of each, and nothing more.

A zone without a published base of leasable land has claims and no account; one whose base and let
land were published lives on that as a declared account. No boundary of them is public, so none is
drawn. A commune is given where the published name of the zone's place is that of one of today's;
where the others lie was not read. Where a source gives a month or a year only, the figure stands at
its end and says so; "mid-2023" and "mid-2025" stand at the end of June.
"""

from __future__ import annotations

from typing import Any

OFFICE = "Cục Thống kê tỉnh, 9/10/2025, theo báo chí"
PRESS = "Báo chí"
UNREAD = "không đọc được ngày thành lập"
MONTH, YEAR, MIDDLE = "chỉ biết tháng", "chỉ biết năm", "giữa năm"
TOLD_ON, END, MID_2025 = "2025-10-09", "2025-10-31", "2025-06-30"
STATE = f"{PRESS}, 10/2025; {MONTH}"

# id: name, first day that is known, approved hectares, commune of today, what is said of it
ZONES: dict[str, tuple[str, str, float | None, str | None, str]] = {
    "phan-thiet-1": ("KCN Phan Thiết 1", "1998-12-31", 68.36, None, f"Có từ 1998; {YEAR}"),
    "phan-thiet-2": ("KCN Phan Thiết 2", "1998-12-31", 40.70, None, f"Có từ 1998; {YEAR}"),
    "ham-kiem-1": ("KCN Hàm Kiệm I", "2009-12-31", 132.67, "23128", f"Có từ 2009; {YEAR}"),
    "ham-kiem-2": ("KCN Hàm Kiệm II", "2023-06-30", 402.06, "23128", UNREAD),
    "song-binh": ("KCN Sông Bình", "2023-06-30", None, None, UNREAD),
    "tuy-phong": ("KCN Tuy Phong", "2023-06-30", None, None, UNREAD),
    "tan-duc": ("KCN Tân Đức", "2023-06-30", 300.0, None, UNREAD),
    "son-my-1": ("KCN Sơn Mỹ 1", MID_2025, 1070.0, "23266",
                 f"Đang xây dựng; {UNREAD}"),
    "son-my-2": ("KCN Sơn Mỹ 2", MID_2025, 540.0, "23266",
                 f"Đang xây dựng; {UNREAD}"),
    "tam-thang": ("KCN Tâm Thắng", "2019-04-30", 181.0, "24640", UNREAD),
    "nhan-co": ("KCN Nhân Cơ", "2019-04-30", 95.0, "24751",
                "95 ha, mở rộng thêm 48 ha; không rõ ngày"),
    "nhan-co-2": ("KCN Nhân Cơ 2", "2020-09-23", 400.0, "24751",
                  "Vào quy hoạch 23/9/2020; đang xây dựng"),
    "phu-binh": ("KCN Phú Bình", MID_2025, 246.0, "24958", "Xã Phú Hội, Đức Trọng; đang xây dựng"),
}  # fmt: skip

_CLAIMS: list[tuple[str | None, str, float, str, str]] = [
    (None, "fill_rate", 0.4999, TOLD_ON, f"{OFFICE}: 15 KCN, không rõ định nghĩa"),
    (None, "registered_ha", 713.25, TOLD_ON, f"{OFFICE}: diện tích đất các dự án đăng ký"),
    (None, "zones_count", 15, TOLD_ON, f"{OFFICE}: tỉnh sau sáp nhập"),
    (None, "projects_count", 229, TOLD_ON, f"{OFFICE}: 51 nước ngoài, 178 trong nước"),
    ("loc-son", "fill_rate", 0.8819, END, f"{STATE}; 56 dự án (9 + 47)"),
    ("phan-thiet-1", "fill_rate", 1.0, END, f"{STATE}; 39 dự án (10 + 29)"),
    ("phan-thiet-2", "fill_rate", 1.0, END, f"{STATE}: lấp đầy"),
    ("phan-thiet-2", "projects_count", 11, END, f"{STATE}; nguồn khác, không nói lấp đầy"),
    ("ham-kiem-1", "fill_rate", 0.59, "2023-06-30",
     f"{PRESS}, 2023: 17 dự án, còn khoảng 37 ha; {MIDDLE}"),
    ("ham-kiem-1", "fill_rate", 0.4304, "2024-04-30", f"{PRESS}, 4/2024; {MONTH}"),
    ("ham-kiem-1", "fill_rate", 0.5, MID_2025, f"{PRESS}, {MIDDLE} 2025: gần 50 %"),
    ("ham-kiem-2", "fill_rate", 0.2803, "2024-04-30", f"{PRESS}, 4/2024; {MONTH}"),
    ("ham-kiem-2", "fill_rate", 0.3177, END, f"{STATE}; 17 dự án (7 + 10)"),
    ("song-binh", "fill_rate", 0.2884, END, f"{STATE}; 3 dự án trong nước"),
    ("tuy-phong", "projects_count", 0, END, f"{STATE}: chưa có dự án"),
    ("tan-duc", "fill_rate", 0.0071, END, f"{STATE}; 1 dự án trong nước"),
    ("son-my-1", "leased_ha", 156.0, MID_2025, f"{PRESS}, {MIDDLE} 2025: ba dự án 156 ha"),
    ("son-my-1", "projects_count", 0, END, f"{STATE}: chưa có dự án"),
    ("tam-thang", "fill_rate", 0.883, "2019-04-30", f"{PRESS}, 4/2019; {MONTH}"),
    ("tam-thang", "fill_rate", 0.97, END, f"{STATE}; 47 dự án (4 + 43)"),
    ("nhan-co", "fill_rate", 0.865, "2019-04-30", f"{PRESS}, 4/2019; {MONTH}"),
    ("nhan-co-2", "projects_count", 0, END, f"{STATE}: chưa có dự án"),
    ("phu-binh", "projects_count", 0, END, f"{STATE}: chưa có dự án"),
]  # fmt: skip


def zones() -> list[dict[str, Any]]:
    """The zones, without a boundary; they count from the first day something is known of them."""
    return [
        {
            "zone_id": zone_id,
            "name": name,
            "established_on": first,
            "approved_area_ha": area_ha,
            "commune_code": commune,
            "plan_document": f"{said}; tính từ ngày đầu tiên có số liệu",
            "province": "Lâm Đồng",
            "geometry": None,
        }
        for zone_id, (name, first, area_ha, commune, said) in ZONES.items()
    ]


def declared_accounts() -> list[dict[str, Any]]:
    """Accounts of which base and let land were published: one zone of the thirteen."""
    return [
        {
            "zone_id": "tan-duc",
            "on": END,
            "base_ha": 210.84,
            "leased_ha": 1.5,
            "source": f"{STATE}: đã cho thuê 1,5 / 210,84 ha, 0,71 %; không ghi định nghĩa",
        }
    ]


def claims() -> list[dict[str, Any]]:
    """Published figures; where nothing says by which definition, none is named."""
    names = ("zone_id", "measure", "value", "on", "source")
    return [dict(zip(names, row, strict=True)) for row in _CLAIMS]
