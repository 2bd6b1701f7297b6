"""Cells per second: our plugin with the core's checks beside openpyxl, on the same roster, in one run.

    cargo build --release
    target/python/bin/python tests/checkers/cells.py target/release/xibu-daemon 100000

The file is made by openpyxl: that many volunteers, 20 columns, ids with valid check digits on a region
code never issued. Peak memory is the largest process of each side.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time

import openpyxl

HEADINGS = ["序号", "姓名", "性别", "民族", "身份证号", "出生年月", "政治面貌", "毕业院校", "院系", "专业", "学历",
            "服务县", "服务单位", "服务开始日期", "服务结束日期", "手机", "电子邮箱", "紧急联系人", "备注", "批次"]
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def id_number(order):
    day, rest = divmod(order, 999)
    year, day = 1990 + day // 300, day % 300
    body = f"999999{year}{day // 28 + 1:02}{day % 28 + 1:02}{rest:03}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS)) % 11]


def write(path, rows):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("花名册")
    sheet.append(HEADINGS)
    for n in range(rows):
        id = id_number(n)
        sheet.append([n + 1, f"样例{n}", "男" if int(id[16]) % 2 else "女", "汉族", id, f"{id[6:10]}-{id[10:12]}-{id[12:14]}",
                      "共青团员", "样例大学", "样例学院", "样例专业", "本科", "试验第1区", "试验第1区第1中学", "2025-08-01",
                      "2027-07-31", f"154{n:08}", f"v{n}@volunteer.test", "样例", "", "2025"])
    book.save(path)


def child(words):
    """Runs it; seconds and the peak of the largest process, in megabytes."""
    begun = time.monotonic()
    measure = ("import resource,subprocess,sys; r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode;"
               "print(r, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)")
    said = subprocess.run([sys.executable, "-c", measure, *words], stderr=subprocess.PIPE, text=True)
    code, peak = said.stderr.split()[-2:]
    return int(code), time.monotonic() - begun, int(peak) / 1024


READ = ("import openpyxl,sys\n"
        "count=0\n"
        "for sheet in openpyxl.load_workbook(sys.argv[1], read_only=True):\n"
        "    for row in sheet.iter_rows(values_only=True): count+=len(row)\n"
        "print(count)\n")


def main():
    program, rows = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "roster.xlsx")
        write(path, rows)
        cells = rows * len(HEADINGS)
        ours = child([program, "intake", path, "--json"])
        theirs = child([sys.executable, "-c", READ, path])
        print(json.dumps({
            "cells": cells, "file_megabytes": round(os.path.getsize(path) / 2**20, 1),
            "ours_exit": ours[0], "ours_seconds": round(ours[1], 2), "ours_cells_per_second": round(cells / ours[1]),
            "ours_peak_megabytes": round(ours[2]),
            "openpyxl_seconds": round(theirs[1], 2), "openpyxl_cells_per_second": round(cells / theirs[1]),
            "openpyxl_peak_megabytes": round(theirs[2]), "times": round(theirs[1] / ours[1], 1)}))


main()
