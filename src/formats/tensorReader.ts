import type { ByteSource } from "./byteSource";
import { layoutOf, readableTypes } from "./numbers/decode";
import type { Layout } from "./numbers/layout";
import { ModelFileError } from "./errors";
import type { TensorFile, TensorInfo } from "./tensorFile";

/** A tensor and where it lies. */
export interface PlacedTensor extends TensorInfo {
  /** Bytes from the beginning of its source. */
  readonly offset: number;
  readonly source: ByteSource;
  /** How its numbers are stored, where the type alone does not say so. */
  readonly layout?: Layout;
}

/** Bytes that are read and decoded at a time, so that a tensor's raw bytes are never in memory as a whole. */
const chunkBytes = 4 << 20;

/** Reads tensors whose places are known: what all formats have in common once their headers are understood. */
export class TensorReader implements TensorFile {
  constructor(
    readonly format: TensorFile["format"],
    readonly sources: readonly ByteSource[],
    readonly metadata: ReadonlyMap<string, unknown>,
    readonly tensors: ReadonlyMap<string, PlacedTensor>,
  ) {}

  async read(name: string, rows?: { readonly from: number; readonly count: number }): Promise<Float32Array> {
    const tensor = this.#find(name);
    const layout = tensor.layout ?? layoutOf(tensor.type);
    if (layout === undefined) {
      throw new ModelFileError(
        `${tensor.source.name}: the tensor ${name} is stored as ${tensor.type}, which cannot be read. ` +
          `Use a file with ${readableTypes.join(", ")}.`,
      );
    }
    const { from, count } = numbersOf(tensor, rows);
    if (from % layout.length !== 0 || count % layout.length !== 0) {
      throw new ModelFileError(`${tensor.source.name}: rows of ${name} cannot be read one by one from ${tensor.type}.`);
    }
    return readNumbers(tensor, layout, from, count);
  }

  canRead(name: string): boolean {
    const tensor = this.#find(name);
    return (tensor.layout ?? layoutOf(tensor.type)) !== undefined;
  }

  async readBytes(name: string, offset: number, length: number): Promise<Uint8Array> {
    const tensor = this.#find(name);
    if (offset < 0 || offset + length > tensor.byteLength) {
      throw new RangeError(
        `Bytes ${offset} to ${offset + length} are outside ${name}, which has ${tensor.byteLength}.`,
      );
    }
    return tensor.source.read(tensor.offset + offset, length);
  }

  #find(name: string): PlacedTensor {
    const tensor = this.tensors.get(name);
    if (tensor !== undefined) return tensor;
    throw new ModelFileError(`${this.sources[0]?.name ?? "The model"} has no tensor named ${name}.`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.sources.map((source) => source[Symbol.asyncDispose]()));
  }
}

/**
 * Several files as one. Metadata that several have is taken from the first.
 * @throws ModelFileError when there are none, two hold a tensor of the same name, or they are in different formats
 */
export function joinTensorFiles(files: readonly TensorReader[]): TensorReader {
  const [first, ...others] = files;
  if (first === undefined) throw new ModelFileError("There is no file with weights.");
  if (others.length === 0) return first;
  const tensors = new Map<string, PlacedTensor>();
  const metadata = new Map<string, unknown>();
  for (const file of files) {
    if (file.format !== first.format) {
      throw new ModelFileError(`${namesOf(files)} are in different formats, so they are not parts of one model.`);
    }
    for (const [name, tensor] of file.tensors) {
      const same = tensors.get(name);
      if (same !== undefined) {
        throw new ModelFileError(`${same.source.name} and ${tensor.source.name} both hold the tensor ${name}.`);
      }
      tensors.set(name, tensor);
    }
    for (const [key, value] of file.metadata) if (!metadata.has(key)) metadata.set(key, value);
  }
  const sources = files.flatMap((file) => file.sources);
  return new TensorReader(first.format, sources, metadata, tensors);
}

function namesOf(files: readonly TensorFile[]): string {
  return files.flatMap((file) => file.sources.map((source) => source.name)).join(", ");
}

/** Which numbers of a tensor `rows` of its outermost dimension are. */
function numbersOf({ name, shape }: TensorInfo, rows: { from: number; count: number } | undefined) {
  const total = shape.reduce((product, size) => product * size, 1);
  if (rows === undefined) return { from: 0, count: total };
  const [height = 1] = shape;
  if (rows.from < 0 || rows.count < 0 || rows.from + rows.count > height) {
    throw new RangeError(`Rows ${rows.from} to ${rows.from + rows.count} are outside ${name}, which has ${height}.`);
  }
  const width = total / height;
  return { from: rows.from * width, count: rows.count * width };
}

async function readNumbers(tensor: PlacedTensor, layout: Layout, from: number, count: number): Promise<Float32Array> {
  const out = new Float32Array(count);
  const step = Math.floor(chunkBytes / layout.bytes) * layout.length;
  // The garbage collector counts the memory of arrays too late: a chunk of its own for each read would add up to the size of the file.
  const chunk = new Uint8Array((Math.min(step, count) / layout.length) * layout.bytes);
  for (let done = 0; done < count; done += step) {
    const part = out.subarray(done, done + step);
    const offset = tensor.offset + ((from + done) / layout.length) * layout.bytes;
    const bytes = await tensor.source.read(offset, (part.length / layout.length) * layout.bytes, chunk);
    layout.decode(bytes, part, from + done);
  }
  return out;
}

/**
 * Checks that tensors lie inside their file and do not overlap.
 * @throws ModelFileError naming the tensor that does not
 */
export function checkPlaces(source: ByteSource, tensors: Iterable<PlacedTensor>): void {
  let last: PlacedTensor | undefined;
  for (const tensor of [...tensors].sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength)) {
    if (tensor.offset + tensor.byteLength > source.size) {
      throw new ModelFileError(
        `${source.name} is cut short: the tensor ${tensor.name} would end at byte ${tensor.offset + tensor.byteLength}, ` +
          `but the file has ${source.size}. Download or copy it again.`,
      );
    }
    if (tensor.byteLength === 0) continue;
    if (last !== undefined && last.offset + last.byteLength > tensor.offset) {
      throw new ModelFileError(`${source.name} is damaged: the tensors ${last.name} and ${tensor.name} overlap.`);
    }
    last = tensor;
  }
}
