"""Judges workbooks that were marked: makes rosters as offices' programs write them, then compares before and after.

    python tests/checkers/marked.py files DIR
    python tests/checkers/marked.py compare BEFORE AFTER PLAN.json
    python tests/checkers/marked.py recalculated BEFORE AFTER

The plan says which cells are marked: {"front": NAME, "marks": [{"cell": "花名册!B3", "colour": "FFFFC7CE", "words": "…"}],
"masked": ["花名册!B2"]}. Packages are compared as bytes, cells by openpyxl, values as LibreOffice works them out.
"""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

import openpyxl
import xlsxwriter
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

HEADINGS = ["序号", "姓名", "身份证号", "性别", "服务单位", "服务开始日期", "联系方式", "补贴"]
ROWS = [
    ["样例一", "999999200001010016", "男", "样例第1区第1中学", "2025-08-01", "15400000001", 2500],
    ["样例二", "999999200001010024", "女", "没有这个单位", "2025.8", "15400000002", 2500],
    ["样例三", "99999920000101003", "女", "样例第1区第1中学", "", "1540", 2600],
    ["样例四", "999999200001010016", "男", "样例第1区第1中学", "2025-08-01", "15400000004", None],
]


def png():
    """A picture of one grey dot."""
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b""))


def by_openpyxl(path):
    book = openpyxl.Workbook()
    notes = book.active
    notes.title = "说明"
    notes["A1"] = "填表说明"
    notes["A1"].comment = Comment("这是原来的说明", "张处")
    sheet = book.create_sheet("花名册")
    sheet["A1"] = "样例第1区西部计划志愿者花名册"
    sheet.merge_cells("A1:H1")
    sheet.append(HEADINGS)
    for number, row in enumerate(ROWS, 1):
        sheet.append([number, *row])
    side = Side(style="thin")
    for row in sheet["A2:H6"]:
        for cell in row:
            cell.border = Border(left=side, right=side, top=side, bottom=side)
    for row in (3, 4, 5, 6):
        sheet.cell(row, 3).number_format = "@"
        sheet.cell(row, 7).font = Font(name="楷体", size=12, italic=True, color="FF0000FF")
        sheet.cell(row, 7).alignment = Alignment(horizontal="right")
    sheet["G5"].fill = PatternFill("solid", fgColor="FFCCFFCC")
    sheet["G5"].comment = Comment("请与本人核对", "李四")
    sheet["A6"].comment = Comment("原有批注", "李四")
    sheet["H8"] = "=SUM(H3:H6)"
    sheet["H9"] = "=COUNTA(B3:B6)&\"人\""
    choice = DataValidation(type="list", formula1='"男,女"', allow_blank=True)
    choice.add("D3:D100")
    sheet.add_data_validation(choice)
    sheet.conditional_formatting.add("H3:H100", CellIsRule(operator="greaterThan", formula=["2550"], font=Font(bold=True)))
    sheet.freeze_panes = "C3"
    sheet.print_title_rows = "1:2"
    sheet.print_area = "A1:H6"
    sheet.auto_filter.ref = "A2:H6"
    sheet.column_dimensions["E"].width = 26
    sheet.column_dimensions["C"].width = 22
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=8, min_row=2, max_row=6), titles_from_data=True)
    sheet.add_chart(chart, "J2")
    book.defined_names["补贴"] = DefinedName("补贴", attr_text="花名册!$H$3:$H$6")
    other = book.create_sheet("统计")
    other["A1"] = "=SUM(补贴)"
    other["A2"] = "=花名册!H3*2"
    other["B1"] = "样例一"
    other.append(["项目", "数"])
    other.append(["甲", 1])
    other.add_table(Table(displayName="统计表", ref="A3:B4"))
    book.active = 1
    # openpyxl leaves the first sheet selected as well.
    notes.sheet_view.tabSelected = False
    book.save(path)
    # What other programs leave in a package.
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/vbaProject.bin", os.urandom(3000))
        package.writestr("customXml/item1.xml", "<?xml version='1.0'?>\r\n<a  b = 'c'/>", zipfile.ZIP_STORED)


def by_xlsxwriter(path):
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("花名册")
    bold = book.add_format({"bold": True, "border": 1, "bg_color": "#DDEEFF"})
    text = book.add_format({"num_format": "@", "border": 1})
    sheet.merge_range("A1:H1", "样例第1区西部计划志愿者花名册", bold)
    sheet.write_row("A2", HEADINGS, bold)
    for number, row in enumerate(ROWS, 1):
        sheet.write(number + 1, 0, number)
        for column, value in enumerate(row, 1):
            if value is not None and value != "":
                (sheet.write_string if isinstance(value, str) else sheet.write)(number + 1, column, value, text if column == 2 else None)
    sheet.write_formula("H8", "=SUM(H3:H6)", None, 7600)
    sheet.write_comment("G5", "请与本人核对", {"author": "李四"})
    picture = os.path.join(os.path.dirname(path), "dot.png")
    with open(picture, "wb") as file:
        file.write(png())
    sheet.insert_image("J1", picture)
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=花名册!$H$3:$H$6"})
    sheet.insert_chart("J5", chart)
    sheet.data_validation("D3:D100", {"validate": "list", "source": ["男", "女"]})
    sheet.conditional_format("H3:H100", {"type": "data_bar"})
    sheet.freeze_panes(2, 2)
    sheet.repeat_rows(0, 1)
    sheet.write_dynamic_array_formula("K20", "=LEN(B3:B4)")
    sheet.set_column("B:B", 12, text)
    book.close()
    os.remove(picture)


def convert(files, folder, extension):
    with tempfile.TemporaryDirectory() as home:
        subprocess.run(["soffice", f"-env:UserInstallation=file://{home}", "--headless", "--convert-to", extension,
                        "--outdir", folder, *files], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)


def write_files(folder):
    if not shutil.which("soffice"):
        sys.exit("soffice is missing: apt-get install --no-install-recommends libreoffice-calc")
    by_openpyxl(os.path.join(folder, "openpyxl.xlsx"))
    by_xlsxwriter(os.path.join(folder, "xlsxwriter.xlsx"))
    with tempfile.TemporaryDirectory() as made:
        for extension in ("xlsx", "xls", "ods"):
            convert([os.path.join(folder, "openpyxl.xlsx")], made, extension)
            shutil.move(os.path.join(made, f"openpyxl.{extension}"), os.path.join(folder, f"libreoffice.{extension}"))


def touched(name, plan, before):
    """Whether marking may change this part: sheets that are marked or were open, notes, styles, what points to what."""
    if re.search(r"(^|/)(comments\d*|vmlDrawing\d*|commentsDrawing\d*)\.(xml|vml)$|/comments/comment\d+\.xml$|legacyDrawing\d+\.vml$", name):
        return True
    if name in ("[Content_Types].xml", "xl/styles.xml", "xl/workbook.xml") or name.endswith(".rels"):
        return True
    if name == "xl/sharedStrings.xml":
        return bool(plan["masked"])
    if name.startswith("xl/worksheets/"):
        return name in before
    return False


def sheets_of(path, names):
    """The parts of the sheets by these names, and of those that are open."""
    with zipfile.ZipFile(path) as package:
        book = package.read("xl/workbook.xml").decode()
        rels = package.read("xl/_rels/workbook.xml.rels").decode()
        targets = {}
        for line in re.findall(r"<Relationship [^>]*>", rels):
            said = dict(re.findall(r'(\w+)="([^"]*)"', line))
            targets[said["Id"]] = said["Target"]
        parts = set()
        for line in re.findall(r"<sheet [^>]*>", book):
            said = dict(re.findall(r'([\w:]+)="([^"]*)"', line))
            target = targets[said["r:id"]]
            part = target[1:] if target.startswith("/") else "xl/" + target
            if said["name"] in names or re.search(r'tabSelected="(1|true)"', package.read(part).decode()):
                parts.add(part)
        return parts


def packed(package, info):
    """The bytes of an entry as they are packed."""
    package.fp.seek(info.header_offset + 26)
    name, extra = struct.unpack("<HH", package.fp.read(4))
    package.fp.seek(info.header_offset + 30 + name + extra)
    return package.fp.read(info.compress_size)


def compare_packages(before, after, plan):
    marked = {mark["cell"].split("!")[0] for mark in plan["marks"]} | {cell.split("!")[0] for cell in plan["masked"]}
    sheets = sheets_of(before, marked)
    same = 0
    with zipfile.ZipFile(before) as old, zipfile.ZipFile(after) as new:
        assert new.testzip() is None
        names = new.namelist()
        assert len(names) == len(set(names)), "a part is there twice"
        for info in old.infolist():
            if not touched(info.filename, plan, sheets):
                other = new.getinfo(info.filename)
                assert other.compress_type == info.compress_type and packed(new, other) == packed(old, info), info.filename
                same += 1
            assert info.filename in names, info.filename
    assert same >= 3, same
    return same


def look(cell):
    return [repr(part) for part in (cell.font, cell.border, cell.alignment, cell.number_format, cell.protection)]


def shown(value):
    return (value.ref, value.text) if isinstance(value, ArrayFormula) else value


def compare_cells(before, after, plan):
    old, new = openpyxl.load_workbook(before), openpyxl.load_workbook(after)
    assert new.sheetnames == [plan["front"], *old.sheetnames], new.sheetnames
    assert new.active.title == plan["front"]
    assert [sheet.title for sheet in new if sheet.sheet_view.tabSelected] == [plan["front"]]
    marks = {mark["cell"]: mark for mark in plan["marks"]}
    seen = set()
    for sheet in old:
        other = new[sheet.title]
        places = {cell.coordinate for row in sheet.iter_rows() for cell in row} | {
            name.split("!")[1] for name in marks if name.split("!")[0] == sheet.title}
        for place in places:
            name = f"{sheet.title}!{place}"
            cell, now = sheet[place], other[place]
            assert look(cell) == look(now), name
            if name in plan["masked"]:
                assert str(now.value).startswith("*") and str(now.value).endswith(str(cell.value)[-4:]), (name, now.value)
            else:
                assert shown(cell.value) == shown(now.value), (name, cell.value, now.value)
            if name in marks:
                seen.add(name)
                assert now.fill.fgColor.rgb == marks[name]["colour"] and now.fill.fill_type == "solid", (name, now.fill.fgColor.rgb)
                assert marks[name]["words"] in now.comment.text, (name, now.comment)
                assert cell.comment is None or now.comment.text.startswith(cell.comment.text), name
            else:
                assert repr(cell.fill) == repr(now.fill), name
                assert (cell.comment and cell.comment.text) == (now.comment and now.comment.text), name
        for what in ("merged_cells", "freeze_panes", "print_title_rows", "print_area"):
            assert str(getattr(sheet, what)) == str(getattr(other, what)), what
        assert [str(d.sqref) for d in sheet.data_validations.dataValidation] == [str(d.sqref) for d in other.data_validations.dataValidation]
        assert [str(c.sqref) for c in sheet.conditional_formatting] == [str(c.sqref) for c in other.conditional_formatting]
        assert len(sheet._charts) == len(other._charts)
        assert sheet.auto_filter.ref == other.auto_filter.ref and set(sheet.tables) == set(other.tables)
    assert seen == set(marks), set(marks) - seen
    assert set(old.defined_names) == set(new.defined_names)


def recalculated(before, after):
    """Values as LibreOffice works them out on opening, with every masked cell left out."""
    books = []
    with tempfile.TemporaryDirectory() as folder:
        for name, path in (("before", before), ("after", after)):
            shutil.copy(path, os.path.join(folder, f"{name}.xlsx"))
        out = os.path.join(folder, "out")
        convert([os.path.join(folder, f"{name}.xlsx") for name in ("before", "after")], out, "ods")
        os.makedirs(os.path.join(folder, "back"))
        convert([os.path.join(out, f"{name}.ods") for name in ("before", "after")], os.path.join(folder, "back"), "xlsx")
        books = [openpyxl.load_workbook(os.path.join(folder, "back", f"{name}.xlsx"), data_only=True) for name in ("before", "after")]
    old, new = books
    assert new.sheetnames[1:] == old.sheetnames, new.sheetnames
    count = 0
    for sheet in old:
        for row in sheet.iter_rows():
            for cell in row:
                now = new[sheet.title][cell.coordinate].value
                if not str(now).startswith("***"):
                    assert cell.value == now, (sheet.title, cell.coordinate, cell.value, now)
                    count += cell.value is not None
    return count


def main():
    match sys.argv[1:]:
        case ["files", folder]:
            write_files(folder)
        case ["compare", before, after, plan]:
            with open(plan, encoding="utf-8") as file:
                plan = json.load(file)
            same = compare_packages(before, after, plan)
            compare_cells(before, after, plan)
            print(f"{same} parts untouched")
        case ["recalculated", before, after]:
            print(f"{recalculated(before, after)} values the same")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
