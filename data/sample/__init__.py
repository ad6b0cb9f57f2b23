"""The sample project: four zones of Lâm Đồng made from published figures, geometry synthetic."""
