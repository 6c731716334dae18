"""Reads what `zoneplan status` wrote back, with readers that are not zoneplan's: Python's csv and its HTML parser.

Standard input: {"csv": [text], "html": [text]}. Standard output: {"csv": [rows as lists of cells], "html": [{"rows": the cells of each row of
the table as text, "tags": every element and attribute that is there}]}.
"""

import csv
import io
import json
import sys
from html.parser import HTMLParser


class Table(HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.tags, self.inside = [], set(), False

    def handle_starttag(self, tag, attributes):
        self.tags.update([tag, *(f"{tag} {name}" for name, _ in attributes)])
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        if tag in ("th", "td"):
            self.inside = False
        elif tag == "p" and self.inside:
            self.rows[-1][-1] += "\n"

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def page(text):
    table = Table()
    table.feed(text)
    table.close()
    return {"rows": [[cell.strip() for cell in row] for row in table.rows], "tags": sorted(table.tags)}


asked = json.load(sys.stdin)
tables = [list(csv.reader(io.StringIO(text, newline=""), strict=True)) for text in asked["csv"]]
json.dump({"csv": tables, "html": [page(text) for text in asked["html"]]}, sys.stdout)
