"""Foreign files made by other tools, each with one thing that is wrong with it, and its hectares.

A module a tool: ``by_hand`` (text as exporters write it), ``by_gdal``, ``by_ezdxf``, ``by_sheets``
(XlsxWriter and LibreOffice), ``by_qgis``. ``layer`` holds the lots and the defects, ``cases`` lists
every file.
"""
