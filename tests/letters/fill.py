"""Fills in a form as an office would, with openpyxl: fill.py FORM OUT LABEL=VALUE...

A value is put into the cell right of its label. What it is not: it knows nothing of how the form was made.
"""
import sys

import openpyxl


def main(form, out, *values):
    book = openpyxl.load_workbook(form)
    left = dict(value.split("=", 1) for value in values)
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        for row in sheet.iter_rows():
            for cell in row:
                label = str(cell.value or "").replace(" ", "").rstrip("：:")
                if label not in left:
                    continue
                column = cell.column + 1
                for merged in sheet.merged_cells.ranges:
                    if cell.coordinate in merged:
                        column = merged.max_col + 1
                sheet.cell(row=cell.row, column=column).value = left.pop(label)
    if left:
        sys.exit(f"no such label: {', '.join(left)}")
    book.save(out)


main(*sys.argv[1:])
