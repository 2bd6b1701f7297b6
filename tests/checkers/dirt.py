"""Workbooks as offices make them: named kinds of dirt, each with good and bad lines, and what must become of each.

    dirt.py table SEED > tests/dirt/table.json     the expectations, by cell; the same seed, the same bytes
    dirt.py files tests/dirt/table.json FOLDER     the files, one a kind and program, FOLDER/PROGRAM/KIND.EXT

Programs: openpyxl (.xlsx), xlwt (.xls), python-docx (.docx), and LibreOffice, which writes .ods and .xls from the
first and .xlsx from the second. A fifth way, our own writer, is the test's: it reads the table itself.

In the table a line says what must become of it: `accepted` with these values, or `refused` at these columns for
these reasons, or neither: headings, notes, sums and remarks give nothing. Ids are on a region code never issued.
"""

import datetime
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile

WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦"
GIVEN = ["雨桐", "子墨", "思源", "若溪", "明轩", "一诺", "浩然", "佳怡", "文博", "晓彤"]
COUNTIES = ["样例区", "试验县", "示范区"]
UNITS = ["青禾镇中学", "石桥乡卫生院", "云溪镇农技站", "长坪乡政府", "白沙镇小学"]
HEADINGS = ["序号", "姓名", "性别", "身份证号", "服务县", "服务单位", "到岗时间", "离岗时间", "手机", "邮箱"]
FIELDS = ["number", "name", "sex", "id", "county", "unit", "from", "last", "phone", "mail"]
COLUMN = dict(zip(FIELDS, "ABCDEFGHIJ"))
# Error values by their number in an old workbook.
ERRORS = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}
FULL_WIDTH = {c: chr(ord(c) + 0xFEE0) for c in map(chr, range(0x21, 0x7F))}


def check_place(body):
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS)) % 11]


def full_width(text):
    return "".join(FULL_WIDTH.get(c, c) for c in text)


def number(value, format="General"):
    return {"number": value, "format": format}


def date(day):
    return {"date": day}


def error(code):
    return {"error": code}


def formula(text, shows):
    return {"formula": text, "shows": shows}


class People:
    """Made-up people; each differs from all before in name and id."""

    def __init__(self, seed, kind):
        self.random = random.Random(f"{seed}/{kind}")
        self.count = 0

    def person(self, check=None):
        self.count += 1
        while True:
            birth = datetime.date(1998, 1, 1) + datetime.timedelta(days=self.random.randrange(2500))
            body = f"999999{birth:%Y%m%d}{self.random.randrange(1, 999):03}"
            id = body + check_place(body)
            # What a spreadsheet makes of it (15 places kept) must not fit by chance.
            lost = id[:15] + "00"
            if (check is None or id[-1] == check) and check_place(lost) != "0":
                break
        order = self.random.randrange(10**7)
        return {
            "name": self.random.choice(SURNAMES) + self.random.choice(GIVEN) + chr(0x4E00 + self.count),
            "id": id,
            "county": self.random.choice(COUNTIES),
            "unit": self.random.choice(UNITS),
            "from": "2025-08-01",
            "last": "2026-07-31",
            "phone": f"1540{order:07}",
            "mail": f"v{order}@volunteer.test",
        }


class Sheet:
    """A sheet being filled from the top."""

    def __init__(self, name, hidden=None):
        self.sheet = {"name": name, "hidden": hidden, "merges": [], "hidden_rows": [], "hidden_columns": [], "rows": []}
        self.next = 1
        self.people = 0

    def line(self, cells, **fate):
        row = self.next
        self.sheet["rows"].append({"row": row, "cells": cells, **fate})
        self.next += 1
        return row

    def words(self, *texts):
        return self.line({chr(65 + n): text for n, text in enumerate(texts) if text != ""})

    def merge(self, area):
        self.sheet["merges"].append(area)

    def title(self, text, last="J"):
        row = self.words(text)
        self.merge(f"A{row}:{last}{row}")

    def skip(self, lines=1):
        self.next += lines

    def headings(self):
        self.words(*HEADINGS)

    def typed(self, person, typed):
        self.people += 1
        sex = "男" if int(person["id"][16]) % 2 else "女"
        cells = {"number": number(self.people), "sex": sex, **person, **typed}
        return {COLUMN[field]: cells[field] for field in FIELDS if cells[field] is not None}

    def good(self, person, typed=None, within=None, **said):
        """A line that must be taken; `said` where it says other than the person's own values."""
        fate = {"accepted": {**person, **said}}
        if within:
            fate["in"] = within
        return self.line(self.typed(person, typed or {}), **fate)

    def bad(self, person, typed, *refused, within=None):
        fate = {"refused": at(*refused)}
        if within:
            fate["in"] = within
        return self.line(self.typed(person, typed), **fate)


def at(*refused):
    return [[COLUMN[field], reason] for field, reason in refused]


def lost(*refused):
    """LibreOffice writes 0 into an .xls where a formula shows text: what the line says is not in that file."""
    return {"libreoffice-xls": {"refused": at(*refused)}}


def roster(name="花名册"):
    sheet = Sheet(name)
    sheet.headings()
    return sheet


def id_became_number(people):
    s = roster()
    s.good(people.person())
    p = people.person()
    s.bad(p, {"id": number(int(p["id"][:15] + "000"), "0")}, ("id", "id_number_digits_lost"))
    p = people.person()
    s.bad(p, {"id": number(int(p["id"][:15] + "000"))}, ("id", "id_number_digits_lost"))
    p = people.person()
    s.bad(p, {"id": p["id"][:15] + "000"}, ("id", "id_number_digits_lost"))
    p = people.person()
    s.bad(p, {"id": f"{p['id'][0]}.{p['id'][1:6]}E+17"}, ("id", "id_number_digits_lost"))
    s.good(people.person(check="X"))
    p = people.person()
    s.bad(p, {"id": number(int(p["id"][6:14]))}, ("id", "id_number_not_eighteen"))
    return [s]


def id_typed_loosely(people):
    s = roster()
    ways = [
        lambda id: id + "  ",
        lambda id: f"\u00a0{id}\t",
        lambda id: f"{id[:6]} {id[6:14]} {id[14:]}",
        full_width,
        lambda id: "'" + id,
        lambda id: "’" + id,
        lambda id: f"{id[:6]}-{id[6:14]}-{id[14:]}",
        lambda id: id + "\n",
    ]
    for way in ways:
        p = people.person()
        s.good(p, {"id": way(p["id"])})
    p = people.person(check="X")
    s.good(p, {"id": p["id"].lower()})
    p = people.person(check="X")
    s.good(p, {"id": full_width(p["id"].lower())})
    p = people.person()
    s.bad(p, {"id": p["id"][:17]}, ("id", "id_number_not_eighteen"))
    p = people.person()
    s.bad(p, {"id": p["id"] + "1"}, ("id", "id_number_not_eighteen"))
    p = people.person()
    s.bad(p, {"id": p["id"][:6] + "O" + p["id"][7:]}, ("id", "id_number_other_characters"))
    p = people.person()
    wrong = "1" if p["id"][17] != "1" else "2"
    s.bad(p, {"id": p["id"][:17] + wrong}, ("id", "id_number_check_digit_wrong"))
    p = people.person()
    s.bad(p, {"id": p["id"][:6] + p["id"][8:17]}, ("id", "id_number_old_form"))
    p = people.person()
    body = p["id"][:10] + "0230" + p["id"][14:17]
    s.bad(p, {"id": body + check_place(body)}, ("id", "id_number_birth_date_wrong"))
    return [s]


def dates_in_every_form(people):
    s = roster()
    for start, last in [
        (date("2025-08-01"), date("2026-07-31")),
        ("2025.8.1", "2026.7.31"),
        ("2025年8月1日", "2026年7月31日"),
        ("2025年08月01日", "二〇二六年七月三十一日"),
        ("2025-08-01 00:00:00", "2026-07-31 23:59"),
        ("2025/8/1", "2026／7／31"),
        (number(20250801), number(20260731)),
        (number(45870), number(46234)),
        ("45870", "46234"),
        ("20250801", "20260731"),
        ("2025. 8. 1", "2026 - 7 - 31"),
    ]:
        s.good(people.person(), {"from": start, "last": last})
    s.good(people.person(), {"from": "2025年8月", "last": "2026.7"})
    s.good(people.person(), {"from": number(2025.8), "last": number(2026.7)})
    s.good(people.person(), {"last": "至今"}, last=None)
    s.good(people.person(), {"last": None}, last=None)
    p = people.person()
    s.bad(p, {"last": number(2026.1)}, ("last", "date_ambiguous"), 
          within={"python-docx": {"accepted": {**p, "last": "2026-01-31"}}})
    s.bad(people.person(), {"from": "2025年2月30日"}, ("from", "date_does_not_exist"))
    s.bad(people.person(), {"from": "2025.13.1"}, ("from", "date_does_not_exist"))
    s.bad(people.person(), {"from": "去年八月"}, ("from", "date_not_readable"))
    s.bad(people.person(), {"from": "25.8.1"}, ("from", "date_not_readable"))
    s.bad(people.person(), {"from": date("2026-08-01")}, ("last", "ends_before_it_begins"))
    return [s]


def phones_in_every_form(people):
    s = roster()
    ways = [
        lambda p: number(int(p)),
        lambda p: number(float(p), "0.00"),
        lambda p: f"{p}.0",
        lambda p: f" {p[:3]} {p[3:7]} {p[7:]} ",
        lambda p: f"{p[:3]}-{p[3:7]}-{p[7:]}",
        lambda p: f"+86 {p}",
        lambda p: f"+86-{p[:3]}-{p[3:]}",
        lambda p: f"0086{p}",
        lambda p: f"86{p}",
        full_width,
        lambda p: f"{p}/15400000009",
        lambda p: f"{p}、023-45678901",
        lambda p: f"{p[:3]}\u00a0{p[3:7]}\u00a0{p[7:]}",
    ]
    for way in ways:
        p = people.person()
        s.good(p, {"phone": way(p["phone"])})
    s.good(people.person(), {"phone": "023-45678901"}, phone="023-45678901")
    s.good(people.person(), {"phone": None}, phone=None)
    for wrong in ["1540000001", "154000000123", number(1540000001), "无", "O5400000012", "1.54E+10", number(25400000012)]:
        s.bad(people.person(), {"phone": wrong}, ("phone", "phone_not_readable"))
    return [s]


def county_merged_over_rows(people):
    s = roster()
    group = [people.person() for _ in range(5)]
    for p in group:
        p.update(county="样例区", unit="青禾镇中学")
    first = s.good(group[0])
    s.good(group[1], {"county": None, "unit": None})
    wrong = group[2]["id"][:17] + ("1" if group[2]["id"][17] != "1" else "2")
    s.bad(group[2], {"county": None, "unit": None, "id": wrong}, ("id", "id_number_check_digit_wrong"))
    group[3]["unit"] = group[4]["unit"] = "石桥乡卫生院"
    s.good(group[3], {"county": None})
    s.good(group[4], {"county": None, "unit": None})
    s.merge(f"E{first}:E{first + 4}")
    s.merge(f"F{first}:F{first + 2}")
    s.merge(f"F{first + 3}:F{first + 4}")
    # Below the merge nothing is filled down.
    s.bad(people.person(), {"county": None, "unit": None}, ("unit", "value_missing"))
    s.good(people.person())
    return [s]


def two_lines(people, name, merged):
    s = Sheet(name)
    if merged:
        s.title("样例市西部计划志愿者花名册")
    top = s.line({"A": "序号", "B": "姓名", "C": "性别", "D": "身份证号", "E": "服务信息", "I": "联系方式"})
    below = {"E": "服务县", "F": "服务单位", "G": "到岗\n时间", "H": "离岗\n时间", "I": "手机", "J": "邮箱"}
    s.line(below)
    if merged:
        for area in ["A{0}:A{1}", "B{0}:B{1}", "C{0}:C{1}", "D{0}:D{1}", "E{0}:H{0}", "I{0}:J{0}"]:
            s.merge(area.format(top, top + 1))
    s.good(people.person())
    p = people.person()
    s.bad(p, {"id": p["id"][:16]}, ("id", "id_number_not_eighteen"))
    s.good(people.person(), {"phone": None}, phone=None)
    s.bad(people.person(), {"unit": None}, ("unit", "value_missing"))
    return s


def heading_on_two_lines(people):
    group = Sheet("分组")
    top = group.line({"A": "序号", "B": "志愿者", "D": "证件", "E": "派往", "G": "服务期", "I": "联系方式"})
    group.line({"B": "姓名", "C": "性别", "D": "身份证号码", "E": "区县", "F": "单位", "G": "起", "H": "止", "I": "电话", "J": "邮箱"})
    for area in ["A{0}:A{1}", "B{0}:C{0}", "E{0}:F{0}", "G{0}:H{0}", "I{0}:J{0}"]:
        group.merge(area.format(top, top + 1))
    group.good(people.person())
    p = people.person()
    group.bad(p, {"from": "2025年2月30日"}, ("from", "date_does_not_exist"))
    return [two_lines(people, "合并", True), two_lines(people, "没有合并", False), group]


def notes_above(people):
    s = Sheet("花名册")
    s.title("样例市2025—2026年度西部计划志愿者花名册")
    s.title("填报单位：样例区项目办（盖章）　　　　填报时间：2026年6月1日")
    s.title("填表说明：姓名、身份证号、服务单位为必填项；身份证号请以文本格式录入。")
    s.headings()
    s.good(people.person())
    p = people.person()
    s.bad(p, {"mail": p["mail"].replace("@", "")}, ("mail", "mail_not_readable"))
    s.good(people.person())
    t = Sheet("空行之后")
    t.words("附件1")
    t.skip(2)
    t.words("", "", "单位：人")
    t.skip()
    t.headings()
    t.good(people.person())
    t.bad(people.person(), {"name": None}, ("name", "value_missing"))
    return [s, t]


def sums_and_remarks_below(people):
    s = roster()
    s.good(people.person())
    s.good(people.person())
    row = s.words("小计", "", "", number(2))
    s.merge(f"A{row}:C{row}")
    s.bad(people.person(), {"unit": None}, ("unit", "value_missing"))
    s.good(people.person())
    s.line({"B": "小 计：", "D": number(2)})
    row = s.words("合　计", "", "", number(4))
    s.merge(f"A{row}:C{row}")
    s.words("", "合计4人")
    s.words("共4人")
    s.skip()
    s.title("备注：以上人员均已到岗。")
    s.title("注1：身份证号须与本人身份证一致。")
    s.title("1.本表一式两份，一份报市项目办，一份由区县项目办留存，不得遗漏。")
    s.line({"A": "填表人：某某", "D": "审核人：某某", "G": "负责人签字："})
    s.line({"B": "以下空白"})
    return [s]


def blank_rows_between(people):
    s = roster()
    s.good(people.person())
    s.skip(2)
    s.good(people.person())
    s.line({"A": " ", "B": "　", "D": "   "})
    s.bad(people.person(), {"phone": "无"}, ("phone", "phone_not_readable"))
    # The headings printed again on the next page, and numbers ahead of empty lines.
    s.skip()
    s.headings()
    s.good(people.person())
    s.line({"A": number(9)})
    s.line({"A": number(10), "C": "男"})
    s.skip(3)
    s.good(people.person())
    return [s]


def hidden_parts(people):
    s = roster("在岗")
    s.good(people.person())
    s.sheet["hidden_rows"].append(s.good(people.person()))
    p = people.person()
    s.sheet["hidden_rows"].append(s.bad(p, {"id": p["id"][:17]}, ("id", "id_number_not_eighteen")))
    s.good(people.person())
    s.sheet["hidden_columns"] += ["C", "J"]
    old = Sheet("旧名单", hidden="hidden")
    old.headings()
    for _ in range(3):
        old.line(old.typed(people.person(), {}))
    list = Sheet("选项", hidden="very")
    list.words("男")
    list.words("女")
    return [old, s, list]


def formulas_with_values(people):
    s = roster()
    p = people.person()
    s.good(p, {"name": formula(f'="{p["name"][:1]}"&"{p["name"][1:]}"', p["name"])},
           within=lost(("name", "cell_is_error")))
    p = people.person()
    s.good(p, {"id": formula(f'="{p["id"][:6]}"&"{p["id"][6:]}"', p["id"])}, within=lost(("id", "cell_is_error")))
    p = people.person()
    s.good(p, {"phone": formula(f'=15400000000+{int(p["phone"]) - 15400000000}', int(p["phone"]))})
    p = people.person()
    s.good(p, {"unit": formula(f'=F{s.next - 1}', s.sheet["rows"][-1]["cells"]["F"])}, unit=s.sheet["rows"][-1]["cells"]["F"],
           within=lost(("unit", "not_a_name")))
    p = people.person()
    s.bad(p, {"name": formula("=1/0", error("#DIV/0!"))}, ("name", "cell_is_error"))
    p = people.person()
    s.bad(p, {"id": formula(f'="{p["id"][:9]}"&"{p["id"][9:17]}"', p["id"][:17])}, ("id", "id_number_not_eighteen"),
          within=lost(("id", "cell_is_error")))
    p = people.person()
    s.good(p, {"phone": formula('=""', "")}, phone=None)
    p = people.person()
    s.bad(p, {"unit": formula('=""', "")}, ("unit", "value_missing"))
    return [s]


def headings_by_other_names(people):
    s = Sheet("Sheet1")
    named = {
        "A": ("phone", "手 机\n号 码"),
        "B": ("id", "公民身份\n号码（18位）"),
        "C": ("name", " 志愿者 姓名* "),
        "D": ("unit", "接收单位（全称）"),
        "E": (None, "政治面貌"),
        "F": ("county", "派往区县"),
        "G": ("last", "服务期满\n时间"),
        "H": ("from", "上岗时间"),
        "I": (None, "备注"),
        "J": ("mail", "E－mail"),
    }
    s.line({column: text for column, (_, text) in named.items()})

    def line(person, typed, fate):
        cells = {**person, **typed, None: "共青团员"}
        s.line({column: cells[field] for column, (field, _) in named.items() if cells[field] is not None}, **fate)

    p = people.person()
    line(p, {}, {"accepted": p})
    p = people.person()
    line(p, {"id": p["id"][:17]}, {"refused": [["B", "id_number_not_eighteen"]]})
    p = people.person()
    line(p, {"phone": "无", "from": "2025-02-30"}, {"refused": [["H", "date_does_not_exist"], ["A", "phone_not_readable"]]})
    p = people.person()
    line(p, {}, {"accepted": p})
    return [s]


def the_same_person_twice(people):
    s = roster()
    p, q = people.person(), people.person(check="X")
    s.good(p)
    s.good(q)
    s.bad(p, {}, ("id", "same_person_twice"))
    s.bad(q, {"id": full_width(q["id"].lower()) + " ", "name": "另写"}, ("id", "same_person_twice"))
    # The same name with another id is somebody else.
    r = people.person()
    s.good({**r, "name": p["name"]})
    s.bad(p, {"unit": "长坪乡政府"}, ("id", "same_person_twice"))
    return [s]


def full_width_signs(people):
    s = roster()
    p = people.person()
    s.good(p, {"phone": full_width(p["phone"]), "mail": full_width(p["mail"])})
    s.good(people.person(), {"unit": "第一中学（高中部）"}, unit="第一中学(高中部)")
    s.good(people.person(), {"from": "２０２５．８．１", "last": "２０２６年７月３１日"})
    p = people.person()
    s.good(p, {"phone": f"{p['phone']}，15400000008"})
    p = people.person()
    s.good(p, {"mail": f" {p['mail']} "})
    p = people.person()
    s.good(p, {"mail": p["mail"].replace("v", "V", 1).replace("volunteer.test", "Volunteer.TEST")},
           mail=p["mail"].replace("v", "V", 1))
    p = people.person()
    s.bad(p, {"mail": p["mail"].replace("@", "＃")}, ("mail", "mail_not_readable"))
    p = people.person()
    s.bad(p, {"mail": p["mail"].replace(".test", "。test")}, ("mail", "mail_not_readable"))
    s.bad(people.person(), {"phone": full_width("1540000001")}, ("phone", "phone_not_readable"))
    s.bad(people.person(), {"from": "２０２５年８月１曰"}, ("from", "date_not_readable"))
    return [s]


def numbers_kept_as_text(people):
    s = roster()
    p = people.person()
    s.good(p, {"number": "1", "from": "45870", "last": "46234"})
    p = people.person()
    s.good(p, {"number": "２", "phone": p["phone"] + ".0", "from": "45870.0"})
    p = people.person()
    s.good(p, {"number": "3.0", "from": "20250801", "last": "20260731.0"})
    p = people.person()
    s.bad(p, {"id": f"{p['id'][0]}.{p['id'][1:15]}e17"}, ("id", "id_number_digits_lost"))
    s.bad(people.person(), {"phone": "15400000012.5"}, ("phone", "phone_not_readable"))
    s.bad(people.person(), {"phone": "1.54E+10"}, ("phone", "phone_not_readable"))
    s.bad(people.person(), {"from": "99999999"}, ("from", "date_not_readable"))
    s.bad(people.person(), {"from": "20251301"}, ("from", "date_does_not_exist"))
    return [s]


def error_cells(people):
    s = roster()
    s.bad(people.person(), {"name": error("#N/A")}, ("name", "cell_is_error"))
    s.bad(people.person(), {"id": error("#REF!")}, ("id", "cell_is_error"))
    s.bad(people.person(), {"phone": error("#VALUE!")}, ("phone", "cell_is_error"))
    s.bad(people.person(), {"from": error("#NAME?")}, ("from", "cell_is_error"))
    s.bad(people.person(), {"unit": error("#N/A"), "mail": error("#N/A")}, ("unit", "cell_is_error"), ("mail", "cell_is_error"))
    # Where nothing is read an error does no harm.
    s.good(people.person(), {"number": error("#NUM!")})
    s.good(people.person())
    # Typed or pasted as a word it is an error all the same.
    s.bad(people.person(), {"name": "#N/A"}, ("name", "cell_is_error"))
    return [s]


def names_with_spaces(people):
    s = roster()
    for typed, name in [("张 三", "张三"), ("李　四", "李四"), (" 王五  ", "王五"), ("赵\u00a0六", "赵六"), ("孙\n七", "孙七"),
                        ("买买提·吐尔逊", "买买提·吐尔逊"), ("周\u200b八", "周八")]:
        s.good(people.person(), {"name": typed}, name=name)
    s.bad(people.person(), {"name": "   "}, ("name", "value_missing"))
    s.bad(people.person(), {"name": None}, ("name", "value_missing"))
    s.bad(people.person(), {"name": number(0)}, ("name", "not_a_name"))
    s.bad(people.person(), {"name": "——"}, ("name", "not_a_name"))
    s.bad(people.person(), {"name": "样" * 31}, ("name", "text_too_long"))
    return [s]


# Returns: a unit's form a sheet. `typed` takes the place of the usual words; `said` is what must be read of it.

SAID = {"office": "青禾镇中学", "month": "2026-06", "headcount": 3, "accidents": "nil", "health": "nil", "hazards": "nil",
        "needs": "nil", "stated_by": "某甲", "filled_on": "2026-06-20"}


def form(name, typed=None, refused=None, two_lines_above=0, lost=None, **said):
    typed = {"office": "青禾镇中学", "month": "2026年6月", "headcount": number(3), "accidents": "无", "health": "无", "hazards": "无",
             "needs": "无", "stated_by": "某甲", "filled_on": date("2026-06-20"), **(typed or {})}
    s = Sheet(name)
    s.title("重庆市大学生西部计划志愿者", "F")
    s.title("服务单位安全健康情况月报告单", "F")
    for n in range(two_lines_above):
        s.title(f"填写要求{n + 1}，请如实填写，没有的填“无”，不得空缺，不得迟报。", "F")

    def pair(left, right):
        row = s.line({"A": left[0], "B": typed.get(left[1]), "D": right[0], "E": typed.get(right[1])})
        s.merge(f"B{row}:C{row}")
        s.merge(f"E{row}:F{row}")
        return row

    at = {"office": f"B{pair(('填报单位', 'office'), ('单位编号', 'office_number'))}"}
    at["month"] = f"B{pair(('报告月份', 'month'), ('报送对象', 'to'))}"
    at["headcount"] = f"B{pair(('在岗人数', 'headcount'), ('联系电话', 'phone'))}"
    for field, label in [("accidents", "安全、健康事故"), ("health", "患病、健康情况"), ("hazards", "隐患及整改"),
                         ("needs", "困难和诉求"), ("remark", "备注")]:
        row = s.line({"A": label, "B": typed.get(field)})
        s.merge(f"B{row}:F{row}")
        at[field] = f"B{row}"
    row = s.line({"A": "填报人", "B": typed.get("stated_by"), "C": "负责人", "D": typed.get("head"), "E": "填报日期",
                  "F": typed.get("filled_on")})
    at["stated_by"], at["filled_on"] = f"B{row}", f"F{row}"
    s.title("（单位盖章）", "F")
    s.title("说明：每一栏都要填，没有请填“无”。", "F")
    for line in s.sheet["rows"]:
        line["cells"] = {column: cell for column, cell in line["cells"].items() if cell is not None}
    if refused:
        s.sheet["refused"] = [[at[field], reason] for field, reason in refused]
    else:
        s.sheet["accepted"] = {**SAID, **said}
    if lost:
        s.sheet["in"] = {"libreoffice-xls": {"refused": [[at[lost], "cell_is_error"]]}}
    return s


def return_notes_above(_):
    return [form("甲", two_lines_above=1), form("乙", two_lines_above=3), form("丙", {"office": None}, [("office", "value_missing")])]


def return_dates_in_every_form(_):
    good = ["2026.6", "2026年06月", "2026-06", "６月", "6月份", "二〇二六年六月", date("2026-06-01"), number(202606), "202606"]
    sheets = [form(f"好{n}", {"month": month}) for n, month in enumerate(good)]
    filled = ["2026年6月20日", "2026.6.20", "2026-06-20 09:30", number(46193)]
    sheets += [form(f"日{n}", {"filled_on": day}) for n, day in enumerate(filled)]
    sheets.append(form("坏0", {"month": "上个月"}, [("month", "month_not_readable")]))
    sheets.append(form("坏1", {"month": None}, [("month", "value_missing")]))
    sheets.append(form("坏2", {"filled_on": "6月31日"}, [("filled_on", "date_not_readable")]))
    sheets.append(form("坏3", {"month": "2026年13月"}, [("month", "month_not_readable")]))
    return sheets


def return_numbers_kept_as_text(_):
    return [
        form("甲", {"headcount": "3"}),
        form("乙", {"headcount": "３人"}),
        form("丙", {"headcount": "3.0"}),
        form("丁", {"headcount": "三人"}),
        form("戊", {"headcount": number(3.0, "0.00"), "health": number(2)}, health=2),
        form("己", {"headcount": "3.5"}, [("headcount", "count_not_readable")]),
        form("庚", {"headcount": "-3"}, [("headcount", "count_not_readable")]),
        form("辛", {"headcount": number(3.5)}, [("headcount", "count_not_readable")]),
    ]


def return_full_width_signs(_):
    return [
        form("甲", {"month": "２０２６年６月", "headcount": "３", "accidents": "无。", "health": " 无 ", "needs": "０"}),
        form("乙", {"accidents": "安 全 无 事", "hazards": "没有", "needs": "暂无"}),
        form("丙", {"health": "１人感冒，已休息"}, health=1),
        form("丁", {"accidents": "—", "health": "／"}, accidents=None, health=None),
        form("戊", {"accidents": "无大碍的擦伤1人"}, accidents=1),
        form("己", {"headcount": "若干"}, [("headcount", "count_not_readable")]),
    ]


def return_error_cells(_):
    return [
        form("甲", {"headcount": error("#REF!")}, [("headcount", "cell_is_error")]),
        form("乙", {"accidents": error("#N/A")}, [("accidents", "cell_is_error")]),
        form("丙", {"office": error("#N/A")}, [("office", "cell_is_error")]),
        form("丁", {"accidents": "#VALUE!"}, [("accidents", "cell_is_error")]),
        form("戊", {"phone": error("#N/A")}),
    ]


def return_formulas_with_values(_):
    return [
        form("甲", {"headcount": formula("=1+2", 3), "accidents": formula('="无"&""', "无")}, lost="accidents"),
        form("乙", {"month": formula('="2026年"&"6月"', "2026年6月")}, lost="month"),
        form("丙", {"headcount": formula("=1/0", error("#DIV/0!"))}, [("headcount", "cell_is_error")]),
        form("丁", {"needs": formula('=""', "")}, needs=None),
    ]


def return_hidden_parts(_):
    old = form("上月", {"month": "2026年5月"})
    del old.sheet["accepted"]
    old.sheet["hidden"] = "hidden"
    now = form("本月")
    now.sheet["hidden_rows"].append(10)
    return [old, now, form("漏填", {"accidents": None, "health": None, "hazards": None, "needs": None},
                           [("accidents", "nothing_answered")])]


ROSTERS = [id_became_number, id_typed_loosely, dates_in_every_form, phones_in_every_form, county_merged_over_rows,
           heading_on_two_lines, notes_above, sums_and_remarks_below, blank_rows_between, hidden_parts,
           formulas_with_values, headings_by_other_names, the_same_person_twice, full_width_signs,
           numbers_kept_as_text, error_cells, names_with_spaces]
RETURNS = [return_notes_above, return_dates_in_every_form, return_numbers_kept_as_text, return_full_width_signs,
           return_error_cells, return_formulas_with_values, return_hidden_parts]


def print_table(seed):
    """One line of text a line of a sheet, so that a change of an expectation is one line of a diff."""
    def dump(value):
        return json.dumps(value, ensure_ascii=False)

    files = [("roster", make) for make in ROSTERS] + [("return", make) for make in RETURNS]
    out = [f'{{"seed": {seed}, "received": "2026-06-20", "files": [']
    for at, (of, make) in enumerate(files):
        out.append(f' {{"kind": {dump(make.__name__)}, "of": {dump(of)}, "sheets": [')
        sheets = make(People(seed, make.__name__))
        for n, sheet in enumerate(sheets):
            sheet = sheet.sheet
            rows = sheet.pop("rows")
            out.append(f'  {dump(sheet)[:-1]}, "rows": [')
            out += ["   " + dump(row) + ("," if row is not rows[-1] else "") for row in rows]
            out.append("  ]}" + ("," if n + 1 < len(sheets) else ""))
        out.append(" ]}" + ("," if at + 1 < len(files) else ""))
    out.append("]}")
    print("\n".join(out))


# Writers.

def serial(day):
    return (datetime.date.fromisoformat(day) - datetime.date(1899, 12, 30)).days


def shown(cell):
    """What a cell shows: all that a Word table holds of it."""
    if isinstance(cell, str):
        return cell
    if "formula" in cell:
        return shown(cell["shows"]) if not isinstance(cell["shows"], (int, float)) else str(cell["shows"])
    if "error" in cell:
        return cell["error"]
    if "date" in cell:
        return "{0.year}/{0.month}/{0.day}".format(datetime.date.fromisoformat(cell["date"]))
    value = cell["number"]
    if abs(value) >= 1e11 and cell["format"] == "General":
        digits = str(int(value))
        return f"{digits[0]}.{digits[1:6]}E+{len(digits) - 1}"
    if cell["format"] == "0.00":
        return f"{value:.0f}"
    return str(int(value)) if value == int(value) else str(value)


def by_openpyxl(sheets, path):
    import openpyxl
    from openpyxl.styles import Alignment

    book = openpyxl.Workbook()
    book.remove(book.active)
    cached = {}
    for n, sheet in enumerate(sheets):
        page = book.create_sheet(sheet["name"])
        page.sheet_state = {None: "visible", "hidden": "hidden", "very": "veryHidden"}[sheet["hidden"]]
        for row in sheet["rows"]:
            for column, cell in row["cells"].items():
                place = f"{column}{row['row']}"
                target = page[place]
                if isinstance(cell, str):
                    target.value = cell
                    target.data_type = "s"
                    target.alignment = Alignment(wrap_text="\n" in cell)
                elif "number" in cell:
                    target.value = cell["number"]
                    target.number_format = cell["format"]
                elif "date" in cell:
                    target.value = datetime.date.fromisoformat(cell["date"])
                    target.number_format = "yyyy-mm-dd"
                elif "error" in cell:
                    target.value = cell["error"]
                    target.data_type = "e"
                else:
                    target.value = cell["formula"]
                    cached[(n, place)] = cell["shows"]
        for area in sheet["merges"]:
            page.merge_cells(area)
        for row in sheet["hidden_rows"]:
            page.row_dimensions[row].hidden = True
        for column in sheet["hidden_columns"]:
            page.column_dimensions[column].hidden = True
    book.active = next(n for n, sheet in enumerate(sheets) if not sheet["hidden"])
    book.save(path)
    keep_values(path, cached)


def keep_values(path, cached):
    """Puts the value a formula shows beside it, as a program that calculates leaves it."""
    if not cached:
        return
    with zipfile.ZipFile(path) as package:
        parts = [(info, package.read(info)) for info in package.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for info, data in parts:
            found = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", info.filename)
            if found:
                text = data.decode()
                for (n, place), shows in cached.items():
                    if n + 1 == int(found[1]):
                        text = with_value(text, place, shows)
                data = text.encode()
            package.writestr(info, data)


def with_value(text, place, shows):
    kind, value = ("e", shows["error"]) if isinstance(shows, dict) else ("n", shows) if isinstance(shows, int) else ("str", shows)
    pattern = re.compile(rf'<c r="{place}"((?: s="\d+")?)[^>]*><f>(.*?)</f><v ?(?:/>|></v>)</c>')
    text, count = pattern.subn(lambda m: f'<c r="{place}"{m[1]} t="{kind}"><f>{m[2]}</f><v>{value}</v></c>', text)
    assert count == 1, f"{place}: {count}"
    return text


def by_xlwt(sheets, path):
    import xlwt
    from xlwt.BIFFRecords import FormulaRecord
    from xlwt.Cell import FormulaCell

    class Calculated(FormulaCell):
        """A formula with the value it shows, as a program that calculates leaves it."""

        __slots__ = ["shows"]

        def get_biff_data(self):
            data = FormulaRecord(self.rowx, self.colx, self.xf_idx, self.frmla.rpn(), self.calc_flags).get()
            if isinstance(self.shows, int):
                return data[:10] + struct.pack("<d", self.shows) + data[18:]
            if isinstance(self.shows, dict):
                code = ERRORS[self.shows["error"]]
                return data[:10] + bytes([2, 0, code, 0, 0, 0, 255, 255]) + data[18:]
            if self.shows == "":
                return data[:10] + bytes([3, 0, 0, 0, 0, 0, 255, 255]) + data[18:]
            text = struct.pack("<HB", len(self.shows), 1) + self.shows.encode("utf-16-le")
            return data[:10] + bytes([0, 0, 0, 0, 0, 0, 255, 255]) + data[18:] + struct.pack("<HH", 0x207, len(text)) + text

    book = xlwt.Workbook(encoding="utf-8")
    days = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for sheet in sheets:
        page = book.add_sheet(sheet["name"])
        page.visibility = {None: 0, "hidden": 1, "very": 2}[sheet["hidden"]]
        merged = {}
        for area in sheet["merges"]:
            (c1, r1), (c2, r2) = (re.fullmatch(r"([A-Z])(\d+)", end).groups() for end in area.split(":"))
            page.merge(int(r1) - 1, int(r2) - 1, ord(c1) - 65, ord(c2) - 65)
        for row in sheet["rows"]:
            for column, cell in row["cells"].items():
                r, c = row["row"] - 1, ord(column) - 65
                if isinstance(cell, str):
                    page.write(r, c, cell)
                elif "number" in cell:
                    page.write(r, c, cell["number"], xlwt.easyxf(num_format_str=cell["format"]))
                elif "date" in cell:
                    page.write(r, c, serial(cell["date"]), days)
                elif "error" in cell:
                    page.row(r).set_cell_error(c, ERRORS[cell["error"]])
                else:
                    page.write(r, c, xlwt.Formula(cell["formula"][1:]))
                    plain = page.row(r)._Row__cells[c]
                    calculated = Calculated(plain.rowx, plain.colx, plain.xf_idx, plain.frmla, plain.calc_flags)
                    calculated.shows = cell["shows"]
                    page.row(r)._Row__cells[c] = calculated
        for row in sheet["hidden_rows"]:
            page.row(row - 1).hidden = True
        for column in sheet["hidden_columns"]:
            page.col(ord(column) - 65).hidden = True
    book.active_sheet = next(n for n, sheet in enumerate(sheets) if not sheet["hidden"])
    book.save(path)


def by_docx(sheets, path):
    """A table a sheet; what stands alone above it becomes paragraphs. A document hides no table."""
    import docx

    document = docx.Document()
    for sheet in (sheet for sheet in sheets if not sheet["hidden"]):
        rows = {row["row"]: row["cells"] for row in sheet["rows"]}
        first = 1
        while len(rows.get(first, {})) == 1 and isinstance(rows[first].get("A"), str):
            document.add_paragraph(rows[first]["A"])
            first += 1
        last = max(rows)
        width = max(ord(column) for cells in rows.values() for column in cells) - 64
        table = document.add_table(last - first + 1, width)
        for area in sheet["merges"]:
            (c1, r1), (c2, r2) = (re.fullmatch(r"([A-Z])(\d+)", end).groups() for end in area.split(":"))
            if int(r1) >= first:
                right = min(ord(c2) - 65, width - 1)
                table.cell(int(r1) - first, ord(c1) - 65).merge(table.cell(int(r2) - first, right))
        for row, cells in rows.items():
            for column, cell in cells.items():
                if row >= first:
                    table.cell(row - first, ord(column) - 65).text = shown(cell)
        document.add_paragraph()
    document.save(path)


def convert(folder, source, target, extension):
    """All files of a folder in one run of LibreOffice."""
    files = sorted(os.path.join(folder, source, name) for name in os.listdir(os.path.join(folder, source)))
    with tempfile.TemporaryDirectory() as home:
        subprocess.run(["soffice", f"-env:UserInstallation=file://{home}", "--headless", "--convert-to", extension,
                        "--outdir", os.path.join(folder, target), *files],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
    assert len(os.listdir(os.path.join(folder, target))) == len(files), f"{target}: not every file was converted"


def write_files(table, folder):
    for program, extension, write in [("openpyxl-xlsx", "xlsx", by_openpyxl), ("xlwt-xls", "xls", by_xlwt),
                                      ("python-docx", "docx", by_docx)]:
        os.makedirs(os.path.join(folder, program))
        for file in table["files"]:
            write(file["sheets"], os.path.join(folder, program, f"{file['kind']}.{extension}"))
    if not shutil.which("soffice"):
        sys.exit("soffice is missing: apt-get install --no-install-recommends libreoffice-calc")
    convert(folder, "openpyxl-xlsx", "libreoffice-ods", "ods")
    convert(folder, "openpyxl-xlsx", "libreoffice-xls", "xls")
    convert(folder, "xlwt-xls", "libreoffice-xlsx", "xlsx")


def main():
    match sys.argv[1:]:
        case ["table", seed]:
            print_table(int(seed))
        case ["files", table, folder]:
            with open(table, encoding="utf-8") as file:
                write_files(json.load(file), folder)
        case _:
            sys.exit(__doc__)


main()
