import { encodeMessage, type Message, type MessageTypes } from "./protobuf";

/**
 * The messages of the ONNX format that our graphs use, with the field numbers of onnx.proto
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). Bulk weights are referred to as external data.
 */
const messages: MessageTypes = {
  ModelProto: {
    irVersion: [1, "int64"],
    producerName: [2, "string"],
    graph: [7, "GraphProto"],
    opsetImport: [8, "OperatorSetIdProto"],
  },
  OperatorSetIdProto: { domain: [1, "string"], version: [2, "int64"] },
  GraphProto: {
    node: [1, "NodeProto"],
    name: [2, "string"],
    initializer: [5, "TensorProto"],
    input: [11, "ValueInfoProto"],
    output: [12, "ValueInfoProto"],
  },
  NodeProto: {
    input: [1, "string"],
    output: [2, "string"],
    name: [3, "string"],
    opType: [4, "string"],
    attribute: [5, "AttributeProto"],
    domain: [7, "string"],
  },
  AttributeProto: {
    name: [1, "string"],
    f: [2, "float"],
    i: [3, "int64"],
    s: [4, "bytes"],
    ints: [8, "int64"],
    type: [20, "int32"],
  },
  TensorProto: {
    dims: [1, "int64"],
    dataType: [2, "int32"],
    name: [8, "string"],
    rawData: [9, "bytes"],
    externalData: [13, "StringStringEntryProto"],
    dataLocation: [14, "int32"],
  },
  StringStringEntryProto: { key: [1, "string"], value: [2, "string"] },
  ValueInfoProto: { name: [1, "string"], type: [2, "TypeProto"] },
  TypeProto: { tensorType: [1, "TensorTypeProto"] },
  TensorTypeProto: { elemType: [1, "int32"], shape: [2, "TensorShapeProto"] },
  TensorShapeProto: { dim: [1, "DimensionProto"] },
  DimensionProto: { dimValue: [1, "int64"], dimParam: [2, "string"] },
};

/** `TensorProto.DataType`. */
export const elementTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 } as const;
export type ElementType = keyof typeof elementTypes;

/** `AttributeProto.AttributeType`. */
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** Bytes of one element. */
export const elementBytes: Readonly<Record<ElementType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  int32: 4,
  int64: 8,
  float16: 2,
};

/** ONNX tells an integer attribute from a float attribute by type; a JavaScript number does not. */
export interface FloatAttribute {
  readonly float: number;
}
export type Attribute = number | string | readonly number[] | FloatAttribute;

export interface OnnxNode {
  readonly operator: string;
  /** Empty for ONNX's own operators, `com.microsoft` for ONNX Runtime's. */
  readonly domain: string;
  /** An empty name leaves out an optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  /** A string is a dimension that is known only when the graph runs. */
  readonly shape: readonly (number | string)[];
}

/** A constant of the graph: inside the model (`bytes`), or in external data of the same name. */
export interface OnnxConstant {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Little-endian, row-major; undefined: external data under the constant's name, from its first byte on. */
  readonly bytes?: Uint8Array;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Bytes of a constant's data. */
export function constantBytes(constant: OnnxConstant): number {
  return constant.shape.reduce((product, size) => product * size, elementBytes[constant.type]);
}

/** Serializes a graph as an ONNX model of IR version 10, opset 24. External data is named by the constants' names. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  return encodeMessage(messages, "ModelProto", {
    irVersion: 10,
    producerName: "gpt2-vscode",
    opsetImport: [
      { domain: "", version: 24 },
      { domain: "com.microsoft", version: 1 },
    ],
    graph: {
      name: "gpt2",
      node: graph.nodes.map((node, index) => ({
        input: node.inputs,
        output: node.outputs,
        name: `${index}_${node.operator}`,
        opType: node.operator,
        attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
        domain: node.domain,
      })),
      initializer: graph.constants.map(tensor),
      input: graph.inputs.map(valueInfo),
      output: graph.outputs.map(valueInfo),
    },
  });
}

function attribute(name: string, value: Attribute): Message {
  if (typeof value === "number") return { name, i: value, type: attributeTypes.int };
  if (typeof value === "string") return { name, s: new TextEncoder().encode(value), type: attributeTypes.string };
  if ("float" in value) return { name, f: value.float, type: attributeTypes.float };
  return { name, ints: value, type: attributeTypes.ints };
}

function tensor(constant: OnnxConstant): Message {
  const head = { dims: constant.shape, dataType: elementTypes[constant.type], name: constant.name };
  if (constant.bytes) return { ...head, rawData: constant.bytes };
  const externalData = [
    { key: "location", value: constant.name },
    { key: "offset", value: "0" },
    { key: "length", value: String(constantBytes(constant)) },
  ];
  return { ...head, externalData, dataLocation: 1 };
}

function valueInfo(value: OnnxValue): Message {
  const dim = value.shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }));
  return { name: value.name, type: { tensorType: { elemType: elementTypes[value.type], shape: { dim } } } };
}
