"""Carries out calls of LogService that come as lines, for the conformance test (see ../conformance).

Commands: open ID METHOD ADDRESS, send ID JSON, end ID, cancel ID, call ID METHOD ADDRESS JSON.
Answers: message ID JSON, status ID CODE DETAILS TEXT.
"""
import base64
import queue
import sys
import threading

import grpc
from google.protobuf import json_format
from lograft.v1 import log_service_pb2 as log
from lograft.v1 import log_service_pb2_grpc

OPTIONS = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20)]
TIMEOUT_SECONDS = 120
lock = threading.Lock()
calls = {}


def say(*words):
    with lock:
        print(*words, flush=True)


def say_message(call_id, message):
    say("message", call_id, json_format.MessageToJson(message, indent=None).replace("\n", " "))


def say_status(call_id, error=None):
    if error is None:
        say("status", call_id, 0, "-")
        return
    details = [item.value for item in error.trailing_metadata() or () if item.key == "grpc-status-details-bin"]
    encoded = base64.b64encode(details[0]).decode() if details else "-"
    say("status", call_id, error.code().value[0], encoded, (error.details() or "").replace("\n", " "))


def stub_at(address):
    return log_service_pb2_grpc.LogServiceStub(grpc.insecure_channel(address, OPTIONS))


def parse(method, text):
    return json_format.Parse(text, getattr(log, method + "Request")())


def read(call_id, answers):
    try:
        for answer in answers:
            say_message(call_id, answer)
        say_status(call_id)
    except grpc.RpcError as error:
        say_status(call_id, error)


def open_stream(call_id, method, address):
    requests = queue.SimpleQueue()
    answers = getattr(stub_at(address), method)(iter(requests.get, None), timeout=TIMEOUT_SECONDS)
    calls[call_id] = (method, requests, answers)
    threading.Thread(target=read, args=(call_id, answers), daemon=True).start()


def call_once(call_id, method, address, text):
    try:
        say_message(call_id, getattr(stub_at(address), method)(parse(method, text), timeout=TIMEOUT_SECONDS))
        say_status(call_id)
    except grpc.RpcError as error:
        say_status(call_id, error)


for line in sys.stdin:
    command, call_id, *rest = line.rstrip("\n").split(" ", 2)
    if command == "open":
        open_stream(call_id, *rest[0].split(" "))
    elif command == "send":
        method, requests, _ = calls[call_id]
        requests.put(parse(method, rest[0]))
    elif command == "end":
        calls[call_id][1].put(None)
    elif command == "cancel":
        calls[call_id][2].cancel()
    elif command == "call":
        method, address, text = rest[0].split(" ", 2)
        call_once(call_id, method, address, text)
    else:
        sys.exit(f"unknown command {command}")
