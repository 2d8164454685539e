"""The fp32 graph with its weights as 8-bit integers.

Linear layers become MatMulNBits (domain com.microsoft) with 8 bits, one scale for each block of 32
weights, and integer arithmetic over activations that the runtime quantises block by block. Scales
so local are why parity is an order of magnitude better than that of one scale a tensor (README.md
has the figures), and a text's vector does not depend on other texts in its batch through a shared scale.
The vocabulary becomes int8 with one scale a token.
"""

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

BLOCK = 32
INTEGER_ARITHMETIC = 4  # MatMulNBits accuracy_level: activations as int8


def quantised(model: ModelProto) -> ModelProto:
    out = ModelProto()
    out.CopyFrom(model)
    constants = {c.name: numpy_helper.to_array(c) for c in out.graph.initializer}

    nodes: list[NodeProto] = []
    for node in out.graph.node:
        if node.op_type == "Gather" and node.input[0] == "embeddings.word":
            nodes += gather_int8(node, constants)
        elif node.op_type == "MatMul" and node.input[1] in constants:
            nodes.append(matmul_8bit(node, constants))
        else:
            nodes.append(node)

    del out.graph.node[:], out.graph.initializer[:]
    out.graph.node.extend(nodes)
    out.graph.initializer.extend(numpy_helper.from_array(a, n) for n, a in constants.items())
    out.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    checker.check_model(out)
    return out


def gather_int8(node: NodeProto, constants: dict[str, np.ndarray]) -> list[NodeProto]:
    """A row is a token: a rare one with large values does not coarsen the others."""
    table = constants.pop(node.input[0])
    scales = (np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-12) / 127).astype(np.float32)
    constants["embeddings.word.int8"] = np.clip(np.rint(table / scales), -127, 127).astype(np.int8)
    constants["embeddings.word.scale"] = scales
    ids, out = node.input[1], node.output[0]
    return [
        helper.make_node("Gather", ["embeddings.word.int8", ids], [f"{out}.int8"], name=f"{out}.int8"),
        helper.make_node("Gather", ["embeddings.word.scale", ids], [f"{out}.scale"], name=f"{out}.scale"),
        helper.make_node("Cast", [f"{out}.int8"], [f"{out}.cast"], name=f"{out}.cast", to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{out}.cast", f"{out}.scale"], [out], name=out),
    ]


def matmul_8bit(node: NodeProto, constants: dict[str, np.ndarray]) -> NodeProto:
    """Weight [K, N] -> [N, K / BLOCK, BLOCK] bytes around the operator's default zero point, 128."""
    name = node.input[1]
    weight = constants.pop(name)
    k, n = weight.shape
    blocks = weight.T.reshape(n, k // BLOCK, BLOCK)
    scales = (np.maximum(np.abs(blocks).max(axis=2), 1e-12) / 127).astype(np.float32)
    constants[f"{name}.8bit"] = (np.clip(np.rint(blocks / scales[..., None]), -127, 127) + 128).astype(np.uint8)
    constants[f"{name}.scale"] = scales.ravel()
    return helper.make_node(
        "MatMulNBits", [node.input[0], f"{name}.8bit", f"{name}.scale"], [node.output[0]], name=node.name,
        domain="com.microsoft", K=k, N=n, bits=8, block_size=BLOCK, accuracy_level=INTEGER_ARITHMETIC)
