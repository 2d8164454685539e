"""Runs an exported Module with its exported runtime in wasmtime: python3 run.py MODULE.wasm RUNTIME.wasm ENTRY '[ARGUMENTS]'

The same as run.mjs, for a server with python3 and the package wasmtime. A Module imports nothing but its runtime, which imports nothing;
values cross as CBOR. There is no wall here: give the process limits.
"""

import json
import struct
import sys

from wasmtime import Config, Engine, Linker, Module, Store

FUEL = 200_000_000


def head(major, count):
    if count < 24:
        return bytes([major << 5 | count])
    size = 1 if count < 1 << 8 else 2 if count < 1 << 16 else 4 if count < 1 << 32 else 8
    return bytes([major << 5 | 23 + size.bit_length()]) + count.to_bytes(size, "big")


def encode(value):
    if value is None or isinstance(value, bool):
        return b"\xf6" if value is None else b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    raise TypeError("expected null, true, false, numbers, strings and lists")


def decode(data):
    at = 0

    def take():
        nonlocal at
        first = data[at]
        at += 1
        major, info = first >> 5, first & 31
        if first == 0xFB:
            at += 8
            return struct.unpack(">d", data[at - 8 : at])[0]
        if major == 7:
            return {20: False, 21: True, 22: None}[info]
        size = 0 if info < 24 else 1 << info - 24
        count = int.from_bytes(data[at : at + size], "big") if size else info
        at += size
        if major == 0:
            return count
        if major == 1:
            return -1 - count
        if major == 3:
            at += count
            return data[at - count : at].decode()
        if major == 4:
            return [take() for _ in range(count)]
        if major == 5:
            return {"map": [[take(), take()] for _ in range(count)]}
        return {{6: "keyword", 7: "list", 8: "error"}.get(count, f"tag {count}"): take()}

    return take()


def main(module_path, runtime_path, entry, text):
    config = Config()
    config.wasm_exceptions = True
    config.wasm_tail_call = True
    engine = Engine(config)
    module = Module.from_file(engine, module_path)
    asked = [one for one in module.imports if one.module != "rt"]
    if asked:
        print(f"NOT RUN: the Module asks for {asked[0].module}.{asked[0].name}, and nothing answers here", file=sys.stderr)
        return 3
    store = Store(engine)
    linker = Linker(engine)
    runtime = linker.instantiate(store, Module.from_file(engine, runtime_path))
    linker.define_instance(store, "rt", runtime)
    rt = runtime.exports(store)
    rt["fuel"].set_value(store, FUEL)
    exports = linker.instantiate(store, module).exports(store)
    exports["rtfs:fuel"].set_value(store, FUEL)
    exports["rtfs:init"](store)
    args = encode(json.loads(text))
    room = rt["alloc"](store, len(args)) & 0xFFFFFFFF
    rt["memory"].write(store, args, room)
    answer = exports[entry](store, rt["decode"](store, room, len(args)))
    at = rt["encode"](store, answer) & 0xFFFFFFFF
    length = int.from_bytes(rt["memory"].read(store, at, at + 4), "little")
    print(json.dumps(decode(bytes(rt["memory"].read(store, at + 4, at + 4 + length))), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
