import type { TensorFile, TensorInfo } from "../../formats/tensorFile";
import type { Gpt2Config } from "../config/config";

/** Slices that a tensor's hash is taken of: 16 of 4 KiB, evenly spread; a tensor of up to 64 KiB is hashed whole. */
const slices = 16;
const sliceBytes = 4096;

/**
 * A SHA-256 (hex) over the config and, for each tensor, its description and slices of its bytes. Training changes all of a matrix, so
 * this distinguishes models as well as hashing hundreds of megabytes would.
 */
export async function fingerprint(
  config: Gpt2Config,
  file: TensorFile,
  tensors: Iterable<TensorInfo>,
): Promise<string> {
  const parts = await Promise.all(Array.from(tensors, (tensor) => sample(file, tensor)));
  const description = new TextEncoder().encode(JSON.stringify(config));
  const all = await new Blob([description, ...parts.flat()]).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function sample(
  file: TensorFile,
  { name, type, shape, byteLength }: TensorInfo,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const parts = [new TextEncoder().encode(JSON.stringify([name, type, shape]))];
  const count = Math.min(slices, Math.ceil(byteLength / sliceBytes));
  const length = Math.min(sliceBytes, byteLength);
  for (let i = 0; i < count; i++) {
    const offset = count === 1 ? 0 : Math.floor((i * (byteLength - length)) / (count - 1));
    parts.push(new Uint8Array(await file.readBytes(name, offset, length)));
  }
  return parts;
}
