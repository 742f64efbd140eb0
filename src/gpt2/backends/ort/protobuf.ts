import { Writer } from "protobufjs/minimal";

type Scalar = "int32" | "int64" | "float" | "string" | "bytes";

/** The fields of messages, by the messages' names: the number of each, and its type, which may be a message. */
export type MessageTypes = Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>>;

type Value = number | string | Uint8Array | Message;

/** The values of a message's fields; a list for a repeated one. */
export interface Message {
  readonly [field: string]: Value | readonly Value[] | undefined;
}

/** Wire types (https://protobuf.dev/programming-guides/encoding/#structure). */
const wireTypes: Readonly<Record<Scalar, number>> = { int32: 0, int64: 0, float: 5, string: 2, bytes: 2 };
const lengthDelimited = 2;

/**
 * Serializes a message in the wire format of Protocol Buffers, repeated numbers unpacked. protobufjs' own encoders compile JavaScript, which
 * the content security policy of a webview forbids.
 */
export function encodeMessage(types: MessageTypes, type: string, message: Message): Uint8Array {
  return write(Writer.create(), types, type, message).finish();
}

function write(writer: Writer, types: MessageTypes, type: string, message: Message): Writer {
  for (const [name, [id, fieldType]] of Object.entries(types[type] ?? {})) {
    const value = message[name];
    if (value === undefined) continue;
    for (const single of isList(value) ? value : [value]) {
      if (typeof single === "object" && !(single instanceof Uint8Array)) {
        writer.uint32((id << 3) | lengthDelimited).fork();
        write(writer, types, fieldType, single).ldelim();
      } else {
        const scalar = fieldType as Scalar;
        writer.uint32((id << 3) | wireTypes[scalar])[scalar](single as never);
      }
    }
  }
  return writer;
}

function isList(value: Message[string]): value is readonly Value[] {
  return Array.isArray(value);
}
