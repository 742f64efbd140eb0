import type { Gpt2Config } from "../../config/config";
import { headWeight } from "../../weights/weightList";
import { floatBytes, type GpuFormat } from "./gpuFormat";

/** Rows of the head's table that are one matrix. */
export interface HeadPart {
  readonly start: number;
  readonly rows: number;
}

/** How the head is cut so that no tensor of it has more than `largestTensor` bytes. Parts start at multiples of 32 rows. */
export function headParts(
  { vocabSize, width }: Pick<Gpt2Config, "vocabSize" | "width">,
  format: GpuFormat,
  largestTensor: number,
): readonly HeadPart[] {
  const rowBytes = format.headBits ? (width * format.headBits) / 8 : width * floatBytes(format);
  const fitting = Math.max(32, Math.floor(largestTensor / rowBytes / 32) * 32);
  const parts: HeadPart[] = [];
  for (let start = 0; start < vocabSize; start += fitting) {
    parts.push({ start, rows: Math.min(fitting, vocabSize - start) });
  }
  return parts;
}

/** The name of a part's matrix. */
export function headPartName(part: number): string {
  return `${headWeight}.${part}`;
}
