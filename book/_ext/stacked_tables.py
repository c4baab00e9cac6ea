"""On a phone each row of a wide table is a card: every cell stands below the name of its column (`stacked_tables.css`).

Wide is what has more than two columns and does not fit a phone with every cell in one line; a column's name may break.
"""

from copy import copy

LINE, GAP, SHORT = 52, 2, 12  # characters of a table's type on a phone, between two columns, in half a card


def stack(app, docname, body):
    for table in body.select("table.table, .cell_output table"):
        columns = table.select("thead tr:last-child > th")
        rows = [row.find_all("td", recursive=False) for row in table.select("tbody > tr")]
        if is_wide(columns, rows):
            table["class"] = [*table.get("class", []), "stacked", *(["pairs"] if is_short(rows) else [])]
            for row in rows:
                for column, cell in zip(columns, row, strict=True):
                    cell.insert(0, name_of(column, body))


def is_wide(columns: list, rows: list[list]) -> bool:
    if len(columns) < 3 or not all(len(row) == len(columns) for row in rows):
        return False
    names = [max(map(len, column.get_text().split()), default=0) for column in columns]
    widths = [max([name, *map(characters, cells)]) for name, *cells in zip(names, *rows, strict=True)]
    return sum(widths) + GAP * len(widths) > LINE


def is_short(rows: list[list]) -> bool:
    """Whether a card has room for two cells side by side, below its first."""
    return len(rows[0]) > 4 and max(characters(cell) for row in rows for cell in row[1:]) <= SHORT


def characters(cell) -> int:
    return len(cell.get_text().strip())


def name_of(column, body):
    """A column's name, to stand in a cell; its formulas are set there, but are none of the text's own."""
    name = body.new_tag("span", attrs={"class": "column"})
    name.extend([copy(part) for part in (column.p or column).contents])
    for part in name.select(".math"):
        part["class"] = "formula"
        del part["data-tex"]
    for part in name.select("[id]"):
        del part["id"]
    for link in name.select("a"):
        link.unwrap()
    return name


def setup(app):
    app.add_css_file("stacked_tables.css")
    app.connect("page-parsed", stack)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
