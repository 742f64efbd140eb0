/**
 * The initializers of an ONNX model, and which node uses each. Source: onnx.proto (`ModelProto`, `GraphProto`, `NodeProto`, `TensorProto`).
 */
import type { ByteSource } from "../byteSource";
import { BadMessage, type Field, FieldReader, fieldsOf, packedVarints } from "../protobuf";

/** A constant of the graph. */
export interface Initializer {
  readonly name: string;
  readonly shape: readonly number[];
  /** `TensorProto.DataType`. */
  readonly type: number;
  /** In the model's own file, or in the one that `file` names. */
  readonly offset: number;
  readonly byteLength: number;
  readonly file: string | undefined;
}

export interface OnnxModel {
  readonly initializers: readonly Initializer[];
  /** For each value that a node multiplies with, the node's name: `/transformer/h.0/attn/c_attn/MatMul`. */
  readonly multipliedBy: ReadonlyMap<string, string>;
}

const largestNode = 64 << 20;
/** `If` holds graphs; those of merged exports hold no further ones. */
const deepestGraph = 3;

/** @throws BadMessage when the file is damaged */
export async function readOnnx(source: ByteSource): Promise<OnnxModel> {
  const reader = new FieldReader(source);
  const initializers: Initializer[] = [];
  const multipliedBy = new Map<string, string>();
  for await (const part of reader.fields(0, source.size)) {
    if (part.number !== 7 || part.wireType !== 2) continue;
    for await (const field of reader.fields(part.offset, part.offset + part.byteLength)) {
      if (field.wireType !== 2) continue;
      if (field.number === 5) initializers.push(await readInitializer(reader, field));
      if (field.number === 1) readNode(await reader.bytes(field, largestNode), multipliedBy, 0);
    }
  }
  if (initializers.length === 0) throw new BadMessage("it holds no weights");
  return { initializers, multipliedBy };
}

async function readInitializer(reader: FieldReader, { offset, byteLength }: Field): Promise<Initializer> {
  const shape: number[] = [];
  let [name, type, isExternal] = ["", 0, false];
  let data: Field | undefined;
  const external = new Map<string, string>();
  for await (const field of reader.fields(offset, offset + byteLength)) {
    if (field.number === 1 && field.wireType === 0) shape.push(field.value);
    if (field.number === 1 && field.wireType === 2) shape.push(...packedVarints(await reader.bytes(field, 256)));
    if (field.number === 2) type = field.value;
    if (field.number === 8) name = await reader.text(field);
    if (field.number === 13) readEntry(await reader.bytes(field, 8192), external);
    if (field.number === 14) isExternal = field.value === 1;
    // Raw bytes, or floats one after another, which are the same.
    if ((field.number === 9 || field.number === 4) && field.wireType === 2) data = field;
  }
  if (shape.length > 16) throw new BadMessage(`its tensor ${name} has ${shape.length} dimensions`);
  if (!isExternal)
    return { name, shape, type, offset: data?.offset ?? 0, byteLength: data?.byteLength ?? 0, file: undefined };
  const place = [external.get("offset") ?? "0", external.get("length") ?? "0"].map(Number);
  if (!place.every((number) => Number.isSafeInteger(number) && number >= 0)) {
    throw new BadMessage(`the place of its tensor ${name} makes no sense`);
  }
  return { name, shape, type, offset: place[0] ?? 0, byteLength: place[1] ?? 0, file: external.get("location") ?? "" };
}

/** A key and a value. */
function readEntry(bytes: Uint8Array, entries: Map<string, string>): void {
  let [key, value] = ["", ""];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) key = textOf(bytes, field);
    if (field.number === 2) value = textOf(bytes, field);
  }
  entries.set(key, value);
}

/** Notes what a multiplication multiplies with, here and in the graphs that a node holds. */
function readNode(bytes: Uint8Array, multipliedBy: Map<string, string>, depth: number): void {
  const inputs: string[] = [];
  let [name, operator] = ["", ""];
  for (const field of fieldsOf(bytes)) {
    if (field.wireType !== 2) continue;
    if (field.number === 1) inputs.push(textOf(bytes, field));
    if (field.number === 3) name = textOf(bytes, field);
    if (field.number === 4) operator = textOf(bytes, field);
    if (field.number === 5) readAttribute(contentOf(bytes, field), multipliedBy, depth);
  }
  const [, matrix] = inputs;
  const multiplies = operator === "MatMul" || operator === "MatMulInteger" || operator === "Gemm";
  if (multiplies && matrix !== undefined && name !== "") multipliedBy.set(matrix, name);
}

function readAttribute(bytes: Uint8Array, multipliedBy: Map<string, string>, depth: number): void {
  if (depth >= deepestGraph) return;
  for (const field of fieldsOf(bytes)) {
    if (field.number !== 6 || field.wireType !== 2) continue;
    const graph = contentOf(bytes, field);
    for (const part of fieldsOf(graph)) {
      if (part.number === 1 && part.wireType === 2) readNode(contentOf(graph, part), multipliedBy, depth + 1);
    }
  }
}

function contentOf(bytes: Uint8Array, { offset, byteLength }: Field): Uint8Array {
  return bytes.subarray(offset, offset + byteLength);
}

function textOf(bytes: Uint8Array, field: Field): string {
  return new TextDecoder().decode(contentOf(bytes, field));
}
