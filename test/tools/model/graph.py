"""all-MiniLM-L6-v2 as an ONNX graph, written node by node from its weights.

No tracer and no exporter stand between the weights and the product: this file is the whole
architecture, and parity.py holds it against an independent implementation.

Shapes: B texts, T tokens, H = 384 hidden, A = 12 heads of D = 32, F = 1536 inner, L = 6 layers.
"""

import numpy as np
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

OPSET = 20  # first with Gelu; LayerNormalization since 17


class Graph:
    """Collects nodes and constants; every method answers the name of the value it adds."""

    def __init__(self):
        self.nodes = []
        self.constants = []

    def constant(self, name: str, array: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind: str, inputs: list[str], name: str, **attributes) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def split(self, value: str, names: list[str], axis: int) -> list[str]:
        self.nodes.append(helper.make_node("Split", [value], names, name=f"{names[0]}.split",
                                           axis=axis, num_outputs=len(names)))
        return names


def encoder_graph(weights: dict[str, np.ndarray], config: dict) -> ModelProto:
    """input_ids, attention_mask, token_type_ids (i64 [B, T]) -> last_hidden_state (f32 [B, T, H])."""
    assert config["model_type"] == "bert" and config["hidden_act"] == "gelu"
    assert config["position_embedding_type"] == "absolute"
    g = Graph()
    epsilon = config["layer_norm_eps"]

    hidden = embeddings(g, weights, epsilon)
    bias = mask_bias(g)
    for layer in range(config["num_hidden_layers"]):
        last = layer == config["num_hidden_layers"] - 1
        hidden = encoder_layer(g, weights, config, layer, hidden, bias, "last_hidden_state" if last else None)

    tokens = lambda name: helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
    model = helper.make_model(
        helper.make_graph(
            g.nodes, "all-MiniLM-L6-v2",
            [tokens("input_ids"), tokens("attention_mask"), tokens("token_type_ids")],
            [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT,
                                           ["batch", "tokens", config["hidden_size"]])],
            g.constants),
        opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9,
        producer_name="l4-workbench test/tools/model")
    checker.check_model(model, full_check=True)
    return model


def embeddings(g: Graph, w: dict, epsilon: float) -> str:
    words = g.node("Gather", [g.constant("embeddings.word", w["embeddings.word_embeddings.weight"]), "input_ids"], "words")
    kinds = g.node("Gather", [g.constant("embeddings.type", w["embeddings.token_type_embeddings.weight"]), "token_type_ids"], "types")
    length = g.node("Shape", ["input_ids"], "length", start=1, end=2)
    places = g.node("Slice", [g.constant("embeddings.position", w["embeddings.position_embeddings.weight"]),
                              g.constant("zero", np.array([0], np.int64)), length,
                              g.constant("axis", np.array([0], np.int64))], "positions")
    total = g.node("Add", [g.node("Add", [words, kinds], "words+types"), places], "words+types+positions")
    return layer_norm(g, w, "embeddings.LayerNorm", total, epsilon, None)


def mask_bias(g: Graph) -> str:
    """[B, T] of ones and zeros -> [B, 1, 1, T] of zeros and large negatives, added before softmax."""
    as_float = g.node("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    absent = g.node("Sub", [g.constant("one", np.float32(1)), as_float], "mask.absent")
    bias = g.node("Mul", [absent, g.constant("minus-large", np.float32(-1e9))], "mask.bias")
    return g.node("Unsqueeze", [bias, g.constant("mask.axes", np.array([1, 2], np.int64))], "mask.bias4")


def encoder_layer(g: Graph, w: dict, config: dict, layer: int, x: str, bias: str, out: str | None) -> str:
    at = f"encoder.layer.{layer}"
    epsilon = config["layer_norm_eps"]
    mixed = attention(g, w, config, f"{at}.attention", x, bias)
    x = layer_norm(g, w, f"{at}.attention.output.LayerNorm", g.node("Add", [mixed, x], f"{at}.attention.residual"), epsilon, None)
    inner = g.node("Gelu", [dense(g, w, f"{at}.intermediate.dense", x)], f"{at}.gelu")
    outer = dense(g, w, f"{at}.output.dense", inner)
    return layer_norm(g, w, f"{at}.output.LayerNorm", g.node("Add", [outer, x], f"{at}.output.residual"), epsilon, out)


def attention(g: Graph, w: dict, config: dict, at: str, x: str, bias: str) -> str:
    heads = config["num_attention_heads"]
    hidden = config["hidden_size"]
    size = hidden // heads
    part = lambda name: (w[f"{at}.self.{name}.weight"].T, w[f"{at}.self.{name}.bias"])
    (wq, bq), (wk, bk), (wv, bv) = part("query"), part("key"), part("value")
    scale = np.float32(1 / np.sqrt(size))  # of the scores, folded into the query
    joined = linear(g, f"{at}.qkv", x, np.concatenate([wq * scale, wk, wv], axis=1), np.concatenate([bq * scale, bk, bv]))

    query, key, value = g.split(joined, [f"{at}.{name}" for name in ("q", "k", "v")], axis=2)
    shape = g.constant(f"{at}.heads", np.array([0, 0, heads, size], np.int64))
    by_head = lambda name, order: g.node("Transpose", [g.node("Reshape", [name, shape], f"{name}.heads")], f"{name}.turned", perm=order)
    q, k, v = by_head(query, [0, 2, 1, 3]), by_head(key, [0, 2, 3, 1]), by_head(value, [0, 2, 1, 3])

    scores = g.node("Add", [g.node("MatMul", [q, k], f"{at}.scores"), bias], f"{at}.masked")
    seen = g.node("MatMul", [g.node("Softmax", [scores], f"{at}.softmax", axis=-1), v], f"{at}.seen")
    flat = g.node("Reshape", [g.node("Transpose", [seen], f"{at}.back", perm=[0, 2, 1, 3]),
                              g.constant(f"{at}.flat", np.array([0, 0, hidden], np.int64))], f"{at}.joined")
    return dense(g, w, f"{at}.output.dense", flat)


def dense(g: Graph, w: dict, at: str, x: str) -> str:
    return linear(g, at, x, w[f"{at}.weight"].T, w[f"{at}.bias"])


def linear(g: Graph, at: str, x: str, weight: np.ndarray, bias: np.ndarray) -> str:
    product = g.node("MatMul", [x, g.constant(f"{at}.weight", weight)], f"{at}.product")
    return g.node("Add", [product, g.constant(f"{at}.bias", bias)], at)


def layer_norm(g: Graph, w: dict, at: str, x: str, epsilon: float, out: str | None) -> str:
    return g.node("LayerNormalization",
                  [x, g.constant(f"{at}.weight", w[f"{at}.weight"]), g.constant(f"{at}.bias", w[f"{at}.bias"])],
                  out or at, axis=-1, epsilon=epsilon)
