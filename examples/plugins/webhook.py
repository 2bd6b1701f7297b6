#!/usr/bin/env python3
"""A xibu plugin in Python, with nothing but the standard library: posts each message to the robot of a chat
group, as 企业微信 and 钉钉 take it. What it is not: it reads no answers from the group, and sends no files.

    [plugin.webhook]
    program = "plugins/webhook.py"
    [plugin.webhook.settings]
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
    token_file = "webhook-token.txt"
"""
import json
import os
import select
import socket
import struct
import sys
import urllib.error
import urllib.parse
import urllib.request

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["url"],
    "properties": {
        "url": {
            "type": "string",
            "pattern": "^https?://",
            "description": "群机器人的网址，不带密钥 / the robot's address, without its key",
            "examples": ["https://qyapi.weixin.qq.com/cgi-bin/webhook/send"],
        },
        "token": {
            "type": "string",
            "writeOnly": True,
            "description": "机器人网址里的密钥 / the key in the robot's address",
        },
        "token_name": {
            "type": "string",
            "enum": ["key", "access_token"],
            "default": "key",
            "description": "密钥的参数名：企业微信是 key，钉钉是 access_token / the key's parameter",
        },
        "timeout": {
            "type": "integer",
            "minimum": 1,
            "maximum": 60,
            "default": 10,
            "description": "每条消息最长等多少秒 / longest time for one message, in seconds",
        },
    },
}
DESCRIBED = {
    "item": "described",
    "id": "webhook",
    "title": "群机器人（企业微信、钉钉）",
    "version": "1.0.0",
    "capabilities": ["notify"],
    "settings_schema": SCHEMA,
}
# What the robots answer when they are spoken to too fast.
TOO_FAST = {45009, 130101, 660026}


class Pipe:
    """Frames on stdin and stdout: u32 little endian, the JSON header, the blobs that it names."""

    def __init__(self):
        # Without a buffer of our own, so that `select` sees everything that is there.
        self.input = os.fdopen(os.dup(0), "rb", buffering=0)
        self.output = os.fdopen(os.dup(1), "wb")
        # What is printed by mistake must not break a frame: it goes to the daemon's log.
        os.dup2(2, 1)
        self.asked = 0
        self.cancelled = set()

    def read_bytes(self, length):
        parts = []
        while length > 0:
            part = self.input.read(length)
            if not part:
                sys.exit(0)
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def read(self):
        header = json.loads(self.read_bytes(struct.unpack("<I", self.read_bytes(4))[0]))
        return header, [self.read_bytes(length) for length in header.get("blobs", [])]

    def write(self, header, blobs=()):
        if blobs:
            header = {**header, "blobs": [len(blob) for blob in blobs]}
        text = json.dumps(header, ensure_ascii=False).encode()
        self.output.write(struct.pack("<I", len(text)) + text + b"".join(blobs))
        self.output.flush()

    def ask(self, call, ask, name, value=b""):
        """One of the host's services; the bytes it gives, or None."""
        self.asked += 1
        question = {"frame": "host_ask", "call": call, "id": self.asked, "ask": ask, "name": name}
        self.write(question, [value] if value else [])
        while True:
            header, blobs = self.read()
            if header["frame"] == "cancel":
                self.cancelled.add(header["call"])
            elif header["frame"] == "host_answer" and header["id"] == self.asked:
                if header["answer"] == "refused":
                    raise ValueError(header["detail"])
                return (blobs or [b""])[0] if header["answer"] == "given" else None

    def is_cancelled(self, call):
        """Looks at stdin without waiting. Nothing but a cancel comes unasked during a call."""
        while call not in self.cancelled and select.select([self.input], [], [], 0)[0]:
            header, _ = self.read()
            if header["frame"] == "cancel":
                self.cancelled.add(header["call"])
        return call in self.cancelled


class Webhook:
    def __init__(self, settings, token):
        self.settings = settings
        self.token = token

    def post(self, message):
        """Posts one message and says what became of it, never with the address or the key."""
        url = self.settings["url"]
        if self.token:
            name = self.settings.get("token_name", "key")
            url += ("&" if "?" in url else "?") + urllib.parse.urlencode({name: self.token})
        text = {"content": f"{message['subject']}\n{message['text']}"}
        if message["address"].isdigit():
            text["mentioned_mobile_list"] = [message["address"]]
        body = json.dumps({"msgtype": "text", "text": text}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message["key"]}
        request = urllib.request.Request(url, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=self.settings.get("timeout", 10)) as answer:
                return self.judge(json.loads(answer.read(65536)))
        except urllib.error.HTTPError as error:
            if error.code == 429:
                wait = error.headers.get("Retry-After", "")
                return throttled(int(wait) if wait.isdigit() else 60, "HTTP 429")
            return deferred(f"HTTP {error.code}")
        except urllib.error.URLError as error:
            # Before anything was sent: no connection, no such name.
            if isinstance(error.reason, (ConnectionRefusedError, socket.gaierror)):
                return deferred("the robot cannot be reached")
            return {"outcome": "unknown"}
        except (OSError, ValueError):
            return {"outcome": "unknown"}

    @staticmethod
    def judge(answer):
        code = answer.get("errcode", 0)
        if code == 0:
            return {"outcome": "accepted"}
        if code in TOO_FAST:
            return throttled(60, f"errcode {code}")
        return deferred(f"errcode {code}")

    def deliver(self, pipe, call, messages):
        number = int(pipe.ask(call["id"], "state_get", "sent") or b"0")
        for index, message in enumerate(messages):
            if pipe.is_cancelled(call["id"]):
                outcome = deferred("the host asked to stop")
            else:
                outcome = self.post(message)
            if outcome["outcome"] == "accepted":
                number += 1
                outcome["reference"] = f"webhook-{number}"
                pipe.ask(call["id"], "state_put", "sent", str(number).encode())
            pipe.write({"frame": "emit", "call": call["id"], "item": "delivered", "index": index, "outcome": outcome})


def deferred(detail):
    return {"outcome": "deferred", "blame": "channel", "detail": detail}


def throttled(seconds, detail):
    return {"outcome": "throttled", "retry_after_seconds": seconds, "detail": detail}


def answer(pipe, plugin, call, blobs):
    """Answers one call; gives the plugin, configured, and the status."""
    request = call["request"]
    if request["op"] == "describe":
        pipe.write({"frame": "emit", "call": call["id"], **DESCRIBED})
    elif request["op"] == "configure":
        token = pipe.ask(call["id"], "secret_get", "token")
        plugin = Webhook(request["settings"], (token or b"").decode())
    elif request["op"] == "echo":
        pipe.write({"frame": "emit", "call": call["id"], "item": "echoed"}, blobs)
    elif request["op"] == "deliver":
        plugin.deliver(pipe, call, request["messages"])
    else:
        return plugin, {"status": "unsupported"}
    return plugin, {"status": "done"}


def main():
    pipe, plugin = Pipe(), None
    pipe.write({"frame": "hello", "protocol": "xibu-plugin", "major": 1, "minor": 1})
    while True:
        header, blobs = pipe.read()
        if header["frame"] == "goodbye":
            return
        if header["frame"] != "call":
            continue
        try:
            plugin, status = answer(pipe, plugin, header, blobs)
        except Exception as error:
            # The kind only: its words may hold an address.
            status = {"status": "failed", "detail": f"{type(error).__name__} in {header['request']['op']}"}
        pipe.write({"frame": "reply", "call": header["id"], **status})


main()
