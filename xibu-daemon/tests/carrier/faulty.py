#!/usr/bin/env python3
"""A plugin program that falls over on request, for the tests: at its start by its first argument, in a call by
its settings. What it is not: no example of a plugin."""
import json
import os
import struct
import sys
import time

START = sys.argv[1] if len(sys.argv) > 1 else ""
SETTINGS = {}


def read_bytes(length):
    taken = b""
    while len(taken) < length:
        part = os.read(0, length - len(taken))
        if not part:
            os._exit(0)
        taken += part
    return taken


def read():
    header = json.loads(read_bytes(struct.unpack("<I", read_bytes(4))[0]))
    return header, [read_bytes(length) for length in header.get("blobs", [])]


def write(header, blobs=()):
    if blobs:
        header = {**header, "blobs": [len(blob) for blob in blobs]}
    text = json.dumps(header).encode()
    out = struct.pack("<I", len(text)) + text + b"".join(blobs)
    while out:
        out = out[os.write(1, out):]


def ask(call, ask, name, value=b""):
    write({"frame": "host_ask", "call": call, "id": 7, "ask": ask, "name": name}, [value] if value else [])
    header, blobs = read()
    assert header["frame"] == "host_answer" and header["id"] == 7, header
    return header["answer"], (blobs or [b""])[0], header.get("detail", "")


def hold_the_pipe():
    """A child that outlives us, in a session of its own, with our end of the pipe."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)


def fall_over(fault, call):
    if fault == "exit":
        os._exit(0)
    elif fault == "exit_3":
        os._exit(3)
    elif fault == "abort":
        os.abort()
    elif fault == "hang":
        time.sleep(600)
    elif fault == "loop":
        while True:
            pass
    elif fault == "eat_memory":
        eaten = []
        while True:
            eaten.append(bytearray(16 << 20))
    elif fault == "flood":
        for _ in range(20_000):
            os.write(2, b"x" * 999 + b"\n")
    elif fault == "garbage":
        os.write(1, b"hello there, 13800000000\n")
    elif fault == "half_a_frame":
        os.write(1, struct.pack("<I", 100) + b'{"frame"')
        os._exit(0)
    elif fault == "huge":
        os.write(1, struct.pack("<I", 0xFFFFFFFF))
        time.sleep(600)
    elif fault == "out_of_turn":
        write({"frame": "reply", "call": 999, "status": "done"})
        time.sleep(600)
    elif fault == "holds_the_pipe":
        hold_the_pipe()
        os._exit(0)
    elif fault == "fails":
        return "it was told to"
    elif fault == "over_quota":
        return ask(call, "state_put", "big", b"1" * 70_000)[2]
    elif fault == "undeclared":
        return ask(call, "secret_get", "fault")[2]
    elif fault == "unknown_question":
        return ask(call, "of_a_later_version", "x")[2]
    return ""


def count(call, name):
    before = int(ask(call, "state_get", name)[1] or b"0")
    ask(call, "state_put", name, str(before + 1).encode())
    assert ask(call, "state_get", name)[1] == str(before + 1).encode()
    return before + 1


def wait_for_cancel(call):
    while True:
        header, _ = read()
        if header == {"frame": "cancel", "call": call}:
            return


def deliver(call, messages):
    for index, message in enumerate(messages):
        if index == SETTINGS.get("after", 0):
            detail = fall_over(SETTINGS.get("fault", ""), call)
            if detail:
                return {"status": "failed", "detail": detail}
        outcome = {"outcome": "accepted", "reference": message["key"]}
        write({"frame": "emit", "call": call, "item": "delivered", "index": index, "outcome": outcome})
    return {"status": "done"}


def poll(call, cursor):
    if cursor == "count":
        cursor = str(count(call, "polls"))
    elif cursor == "count and fail":
        count(call, "polls")
        return {"status": "failed", "detail": "after the put"}
    elif cursor == "secret":
        cursor = ask(call, "secret_get", "token")[1].decode()[::-1]
    elif cursor == "until cancelled":
        wait_for_cancel(call)
    write({"frame": "emit", "call": call, "item": "polled", "cursor": cursor, "again_after_seconds": 60})
    return {"status": "done"}


SCHEMA = {"properties": {
    "fault": {"type": "string"},
    "after": {"type": "integer"},
    "token": {"type": "string", "writeOnly": True},
}}


def answer(call, request, blobs):
    global SETTINGS
    if request["op"] == "describe":
        fall_over(START.removeprefix("describe:"), call)
        write({"frame": "emit", "call": call, "item": "described", "id": "faulty", "title": "坏程序", "version": "1",
               "capabilities": ["notify"], "settings_schema": SCHEMA})
    elif request["op"] == "configure":
        SETTINGS = request["settings"]
        if "token" in SETTINGS:
            return {"status": "failed", "detail": "a secret stands in the settings"}
    elif request["op"] == "echo":
        write({"frame": "emit", "call": call, "item": "echoed"}, blobs)
    elif request["op"] == "deliver":
        return deliver(call, request["messages"])
    elif request["op"] == "poll":
        return poll(call, request["cursor"])
    else:
        return {"status": "unsupported"}
    return {"status": "done"}


def main():
    fall_over(START, 0)
    major = 2 if START == "other_major" else 1
    if START != "no_hello":
        write({"frame": "hello", "protocol": "xibu-plugin", "major": major, "minor": 1})
    while True:
        header, blobs = read()
        if header["frame"] == "goodbye":
            return
        if header["frame"] == "call":
            status = answer(header["id"], header["request"], blobs)
            write({"frame": "reply", "call": header["id"], **status})


main()
