"""Measures the bundled int8 model against fp32, and writes test/data/embedding-parity.json.

    python parity.py DATA            DATA holds humaneval.jsonl, gptcache_mock_data.json, clinc-oos-half.json
    python parity.py DATA --torch    also holds the fp32 graph against torch and transformers

The fixture keeps, for each sentence, its token ids and the fp32 vector as int16 / 32767
(little-endian, base64): the rounding moves no cosine by more than 1e-7.
"""

import base64
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from convert import MAX_TOKENS, TARGET, fp32_model, source

FIXTURE = Path(__file__).resolve().parents[2] / "data" / "embedding-parity.json"

# Ours: what a Task's words may look like beside plain prose.
OWN = [
    "", " ", "a", "Sum.", "SUM", "sum of two numbers", "the sum of two numbers", "add two numbers",
    "reverse a string", "Reverse   a\tstring\n", "reverse a list", "is this date before that date?",
    "naïve café – “quoted” text…", "Größe in Zentimetern umrechnen", "数える文字列の長さ", "считать слова в строке",
    "emoji 🎉 and 👩‍👩‍👧 in a label", "a\u0301 combining accent and a\u200bzero width space", "null\u0000byte and \ufffd",
    "[CLS] and [MASK] written out [SEP]", "snake_case_name and camelCaseName", "f(x) = x**2 + 3*x - 1e-9",
    "(defn add [a :int b :int] (+ a b))", "{\"key\": [1, 2.5, null]}", "3.14159 1,000,000 -42 0x1F 50%",
    "https://example.org/path?query=1#part", "pneumonoultramicroscopicsilicovolcanoconiosis", "x" * 150,
    "count the words of a very long text " * 60,
]


def main() -> None:
    data = Path(sys.argv[1])
    items = sentences(data)
    tokenizer = Tokenizer.from_file(str(TARGET / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokens = [tokenizer.encode(text).ids for _, text in items]

    fp32, fp32_ms = embed(fp32_model().SerializeToString(), tokens)
    int8, int8_ms = embed((TARGET / "onnx" / "model_quantized.onnx").read_bytes(), tokens)
    cosines = (fp32 * int8).sum(axis=1)
    pairs = np.triu_indices(len(items), 1)
    drift = np.abs(fp32 @ fp32.T - int8 @ int8.T)[pairs]
    print(f"n {len(items)} · cosine int8 to fp32: mean {cosines.mean():.5f} min {cosines.min():.5f}")
    print(f"similarity of two sentences, int8 against fp32: mean drift {drift.mean():.5f} max {drift.max():.5f}")
    print(f"median ms a sentence, one thread: fp32 {fp32_ms:.2f} int8 {int8_ms:.2f}")
    if "--torch" in sys.argv:
        against_torch(tokens, fp32)

    write_fixture(items, tokens, fp32)


def sentences(data: Path) -> list[tuple[str, str]]:
    """(origin, text): 90 HumanEval task words, 90 GPTCache sentences, 60 CLINC requests and our own."""
    tasks = [json.loads(line)["prompt"] for line in (data / "humaneval.jsonl").read_text(encoding="utf8").splitlines()]
    cached = json.loads((data / "gptcache_mock_data.json").read_text(encoding="utf8"))
    requests = json.loads((data / "clinc-oos-half.json").read_text(encoding="utf8"))
    every = lambda values, step, count: [values[i * step] for i in range(count)]
    return ([("humaneval", docstring(p)) for p in tasks[:90]]
            + [("gptcache", pair["origin"]) for pair in every(cached, 11, 90)]
            + [("clinc", text) for text in every(requests, 10, 60)]
            + [("own", text) for text in OWN])


def docstring(prompt: str) -> str:
    """Prose of the last docstring, up to its first example."""
    quote = '"""' if '"""' in prompt else "'''"
    return " ".join(prompt.split(quote)[-2].split(">>>")[0].split())


def embed(model: bytes, tokens: list[list[int]]) -> tuple[np.ndarray, float]:
    """Mean-pooled unit vectors, one sentence at a time, and the median milliseconds of one."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    vectors, times = [], []
    for ids in tokens:
        row = np.array([ids], np.int64)
        start = time.perf_counter()
        hidden = session.run(None, {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)})[0]
        times.append(time.perf_counter() - start)
        vectors.append(unit(hidden[0].mean(axis=0)))
    return np.array(vectors), float(np.median(times) * 1000)


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def against_torch(tokens: list[list[int]], fp32: np.ndarray) -> None:
    import torch
    import transformers
    torch.set_num_threads(1)
    model = transformers.BertModel.from_pretrained(source(), attn_implementation="eager").eval()
    with torch.no_grad():
        theirs = np.array([unit(model(torch.tensor([ids])).last_hidden_state[0].mean(dim=0).numpy()) for ids in tokens])
    cosines = (theirs * fp32).sum(axis=1)
    print(f"fp32 graph to torch {torch.__version__} with transformers {transformers.__version__}: "
          f"min cosine {cosines.min():.7f}, largest difference of a component {np.abs(theirs - fp32).max():.1e}")


def write_fixture(items: list[tuple[str, str]], tokens: list[list[int]], fp32: np.ndarray) -> None:
    rows = [{"origin": origin, "text": text, "tokens": ids,
             "fp32": base64.b64encode(np.rint(vector * 32767).astype("<i2").tobytes()).decode()}
            for (origin, text), ids, vector in zip(items, tokens, fp32)]
    head = {"about": "fp32 vectors of all-MiniLM-L6-v2, mean pooled, unit length; int16 little-endian, base64, divided by 32767",
            "origins": "README.md beside this file", "maxTokens": MAX_TOKENS, "dimensions": int(fp32.shape[1])}
    body = ",\n".join(json.dumps(row, ensure_ascii=True, separators=(",", ":")) for row in rows)
    FIXTURE.parent.mkdir(parents=True, exist_ok=True)
    FIXTURE.write_text(json.dumps(head, indent=2)[:-2] + ',\n  "sentences": [\n' + body + "\n]}\n", encoding="utf8")
    print(f"{FIXTURE.name}: {FIXTURE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
