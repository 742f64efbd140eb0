import { Root } from "protobufjs/light";

/**
 * The messages of the ONNX format that our graphs use, with the field numbers of onnx.proto
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). Bulk weights are referred to as external data.
 */
const schema = Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: { id: 1, type: "int64" },
        producerName: { id: 2, type: "string" },
        graph: { id: 7, type: "GraphProto" },
        opsetImport: { id: 8, rule: "repeated", type: "OperatorSetIdProto" },
      },
    },
    OperatorSetIdProto: { fields: { domain: { id: 1, type: "string" }, version: { id: 2, type: "int64" } } },
    GraphProto: {
      fields: {
        node: { id: 1, rule: "repeated", type: "NodeProto" },
        name: { id: 2, type: "string" },
        initializer: { id: 5, rule: "repeated", type: "TensorProto" },
        input: { id: 11, rule: "repeated", type: "ValueInfoProto" },
        output: { id: 12, rule: "repeated", type: "ValueInfoProto" },
      },
    },
    NodeProto: {
      fields: {
        input: { id: 1, rule: "repeated", type: "string" },
        output: { id: 2, rule: "repeated", type: "string" },
        name: { id: 3, type: "string" },
        opType: { id: 4, type: "string" },
        attribute: { id: 5, rule: "repeated", type: "AttributeProto" },
        domain: { id: 7, type: "string" },
      },
    },
    AttributeProto: {
      fields: {
        name: { id: 1, type: "string" },
        f: { id: 2, type: "float" },
        i: { id: 3, type: "int64" },
        s: { id: 4, type: "bytes" },
        ints: { id: 8, rule: "repeated", type: "int64" },
        type: { id: 20, type: "int32" },
      },
    },
    TensorProto: {
      fields: {
        dims: { id: 1, rule: "repeated", type: "int64" },
        dataType: { id: 2, type: "int32" },
        name: { id: 8, type: "string" },
        rawData: { id: 9, type: "bytes" },
        externalData: { id: 13, rule: "repeated", type: "StringStringEntryProto" },
        dataLocation: { id: 14, type: "int32" },
      },
    },
    StringStringEntryProto: { fields: { key: { id: 1, type: "string" }, value: { id: 2, type: "string" } } },
    ValueInfoProto: { fields: { name: { id: 1, type: "string" }, type: { id: 2, type: "TypeProto" } } },
    TypeProto: { fields: { tensorType: { id: 1, type: "TensorTypeProto" } } },
    TensorTypeProto: { fields: { elemType: { id: 1, type: "int32" }, shape: { id: 2, type: "TensorShapeProto" } } },
    TensorShapeProto: { fields: { dim: { id: 1, rule: "repeated", type: "DimensionProto" } } },
    DimensionProto: { fields: { dimValue: { id: 1, type: "int64" }, dimParam: { id: 2, type: "string" } } },
  },
});
const modelMessage = schema.lookupType("ModelProto");

/** `TensorProto.DataType`. */
export const elementTypes = { float32: 1, uint8: 2, int8: 3, int64: 7 } as const;
export type ElementType = keyof typeof elementTypes;

/** `AttributeProto.AttributeType`. */
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** Bytes of one element. */
export const elementBytes: Readonly<Record<ElementType, number>> = { float32: 4, uint8: 1, int8: 1, int64: 8 };

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
  return modelMessage
    .encode({
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
    })
    .finish();
}

function attribute(name: string, value: Attribute): Record<string, unknown> {
  if (typeof value === "number") return { name, i: value, type: attributeTypes.int };
  if (typeof value === "string") return { name, s: new TextEncoder().encode(value), type: attributeTypes.string };
  if ("float" in value) return { name, f: value.float, type: attributeTypes.float };
  return { name, ints: value, type: attributeTypes.ints };
}

function tensor(constant: OnnxConstant): Record<string, unknown> {
  const head = { dims: constant.shape, dataType: elementTypes[constant.type], name: constant.name };
  if (constant.bytes) return { ...head, rawData: constant.bytes };
  const externalData = [
    { key: "location", value: constant.name },
    { key: "offset", value: "0" },
    { key: "length", value: String(constantBytes(constant)) },
  ];
  return { ...head, externalData, dataLocation: 1 };
}

function valueInfo(value: OnnxValue): Record<string, unknown> {
  const dim = value.shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }));
  return { name: value.name, type: { tensorType: { elemType: elementTypes[value.type], shape: { dim } } } };
}
