#!/usr/bin/env python3
"""A mailbox that is a folder, for tests: what lies in `in` is brought by a poll, what is delivered is put into
`out`. What it is not: no example of a plugin; it trusts the test.

`in/<id>.json` is a message with `from`, `subject`, `text` and `files`, paths beside it; brought once, by its cursor.
"""
import json
import os
import struct
import sys

DESCRIBED = {
    "item": "described",
    "id": "postbox",
    "title": "试验信箱",
    "version": "1.0.0",
    "capabilities": ["notify", "intake"],
    "settings_schema": {"type": "object", "properties": {"folder": {"type": "string"}}},
}


def read(length):
    parts = []
    while length > 0:
        part = sys.stdin.buffer.read(length)
        if not part:
            sys.exit(0)
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def frame():
    header = json.loads(read(struct.unpack("<I", read(4))[0]))
    return header, [read(length) for length in header.get("blobs", [])]


def write(header, blobs=()):
    if blobs:
        header = {**header, "blobs": [len(blob) for blob in blobs]}
    text = json.dumps(header, ensure_ascii=False).encode()
    sys.stdout.buffer.write(struct.pack("<I", len(text)) + text + b"".join(blobs))
    sys.stdout.buffer.flush()


def emit(call, item, blobs=()):
    write({"frame": "emit", "call": call["id"], **item}, blobs)


def deliver(call, blobs, folder):
    for index, message in enumerate(call["request"]["messages"]):
        count = len([name for name in os.listdir(folder) if name.endswith(".json")])
        files = []
        for number, attachment in enumerate(message.get("attachments", [])):
            files.append(f"{count}-{number}-{attachment['file_name']}")
            with open(os.path.join(folder, files[-1]), "wb") as file:
                file.write(blobs[attachment["blob"]])
        with open(os.path.join(folder, f"{count}.json"), "w", encoding="utf-8") as file:
            json.dump({**message, "files": files}, file, ensure_ascii=False)
        outcome = {"outcome": "accepted", "reference": str(count)}
        emit(call, {"item": "delivered", "index": index, "outcome": outcome})


def poll(call, folder):
    seen = json.loads(call["request"].get("cursor") or "[]")
    for name in sorted(os.listdir(folder)):
        identity = name.removesuffix(".json")
        if not name.endswith(".json") or identity in seen:
            continue
        seen.append(identity)
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            letter = json.load(file)
        blobs, attachments = [], []
        for path in letter.pop("files", []):
            with open(os.path.join(folder, path), "rb") as file:
                blobs.append(file.read())
            media_type = letter.get("media_type", "application/octet-stream")
            attachment = {"file_name": path.split("/")[-1], "media_type": media_type, "blob": len(blobs) - 1}
            attachments.append(attachment)
        letter.pop("media_type", None)
        emit(call, {"item": "arrived", "id": identity, "received_unix_ms": call["now_unix_ms"],
                    "attachments": attachments, **letter}, blobs)
    emit(call, {"item": "polled", "cursor": json.dumps(seen), "again_after_seconds": 3600})


def main():
    write({"frame": "hello", "protocol": "xibu-plugin", "major": 1, "minor": 1})
    folder = ""
    while True:
        call, blobs = frame()
        if call["frame"] == "goodbye":
            return
        if call["frame"] != "call":
            continue
        op, status = call["request"]["op"], "done"
        if op == "describe":
            emit(call, DESCRIBED)
        elif op == "configure":
            folder = call["request"]["settings"]["folder"]
        elif op == "deliver":
            deliver(call, blobs, os.path.join(folder, "out"))
        elif op == "poll":
            poll(call, os.path.join(folder, "in"))
        else:
            status = "unsupported"
        write({"frame": "reply", "call": call["id"], "status": status})


main()
