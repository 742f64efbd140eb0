import { sha256 } from "@noble/hashes/sha2";
import { bytesToHex } from "@noble/hashes/utils";
import type { ByteSource } from "./byteSource";

/** Bytes that are read and hashed at a time: a few tens of milliseconds. Web Crypto would need the whole file in memory. */
const chunkBytes = 4 << 20;

/**
 * The SHA-256 (hex) of a whole file.
 * @param pause is called between two chunks; what it throws ends the reading.
 */
export async function sha256Of(
  source: ByteSource,
  pause: () => Promise<void> | void = () => undefined,
): Promise<string> {
  const hash = sha256.create();
  for (let offset = 0; offset < source.size; offset += chunkBytes) {
    hash.update(await source.read(offset, Math.min(chunkBytes, source.size - offset)));
    await pause();
  }
  return bytesToHex(hash.digest());
}
