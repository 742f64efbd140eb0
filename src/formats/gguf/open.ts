import type { ByteSource } from "../byteSource";
import { ModelFileError } from "../errors";
import type { WeightsFormat } from "../format";
import { checkPlaces, type PlacedTensor, TensorReader } from "../tensorReader";
import { BadHeader, type GgufHeader, HeaderGoesOn, parseHeader } from "./header";

/** GGUF, versions 2 and 3. */
export const ggufFormat: WeightsFormat = {
  id: "gguf",
  name: "GGUF",
  endings: [".gguf"],
  usualNames: [],
  selfDescribing: true,
  detect: (start) => [0x47, 0x47, 0x55, 0x46].every((byte, i) => start[i] === byte),
  open: openGguf,
  checkComplete,
};

/** A header with a vocabulary of 50,000 tokens has 2 MB; one past the limit is no model's. */
const firstRead = 4 << 20;
const largestHeader = 64 << 20;

/**
 * Opens a GGUF file of version 2 or 3. Only its header is read.
 * @throws ModelFileError when it is another kind of file, damaged or cut short. The source is then disposed.
 */
export async function openGguf(source: ByteSource): Promise<TensorReader> {
  try {
    const { metadata, tensors, dataStart } = await readHeader(source);
    const placed = tensors.map(({ name, shape, type, offset }): PlacedTensor => {
      const numbers = shape.reduce((product, size) => product * size, 1);
      const byteLength = (numbers / type.length) * type.bytes;
      return { name, shape, type: type.name, byteLength, offset: dataStart + offset, source };
    });
    checkPlaces(source, placed);
    return new TensorReader("gguf", [source], metadata, new Map(placed.map((tensor) => [tensor.name, tensor])));
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

/** Of a model that is split over files, each says how many there are. */
function checkComplete({ metadata, sources, tensors }: TensorReader): void {
  const [count, all] = [metadata.get("split.count"), metadata.get("split.tensors.count")];
  const name = sources[0]?.name ?? "The model";
  if (typeof count === "number" && count > 1 && count !== sources.length) {
    throw new ModelFileError(
      `${name} is one of ${count} files of a model. Copy all of them into one folder, with their names ending in “-00001-of-${String(count).padStart(5, "0")}.gguf” and so on.`,
    );
  }
  if (typeof all === "number" && all !== tensors.size) {
    throw new ModelFileError(`The files of ${name} hold ${tensors.size} tensors together and should hold ${all}.`);
  }
}

async function readHeader(source: ByteSource): Promise<GgufHeader> {
  const wrong = (why: string) => new ModelFileError(`${source.name} is not a usable GGUF file: ${why}.`);
  if (source.size === 0) throw wrong("it is empty");
  for (let length = Math.min(firstRead, source.size); ; length = Math.min(4 * length, source.size)) {
    try {
      return parseHeader(await source.read(0, length));
    } catch (error) {
      if (error instanceof BadHeader) throw wrong(error.message);
      if (!(error instanceof HeaderGoesOn)) throw error;
    }
    if (length === source.size) throw wrong("it ends inside its header, so it is cut short");
    if (length >= largestHeader) throw wrong("its header has no end");
  }
}
