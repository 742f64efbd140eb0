import { type Gpt2Config, headWidth } from "../../config/config";
import type { HeapLayout } from "../../kvCache/heapStorage";
import type { ReadCache } from "../heapCaches";
import type { Heap } from "./heap";
import { inputOffset, outputBytes, paddedInputs, panelBytes, panelOutputs, touchedBytes } from "./packMatrix";

/** Bytes that the scales of a group's positions take. */
const scaleBytes = 4 * panelOutputs;

/** Bytes that a panel of values has for a group of positions. */
const valuePanelBytes = panelOutputs * panelOutputs;

/** Columns of the panels of values. */
function valueColumns(config: Gpt2Config): number {
  return paddedInputs(headWidth(config));
}

/** Streams of a head: of keys, their scales, panels of values, their scales. */
function headStreams(config: Gpt2Config): readonly number[] {
  const panels = new Array<number>(valueColumns(config) / panelOutputs).fill(valuePanelBytes);
  return [panelBytes(headWidth(config)), scaleBytes, ...panels, scaleBytes];
}

/** Keys and values in 8 bits, in the order of `assembly/cache.ts`. */
export function int8Layout(config: Gpt2Config): HeapLayout {
  const head = headStreams(config);
  const streams = Array.from({ length: config.layers * config.kvHeads }, () => head).flat();
  return { group: panelOutputs, streams, readAhead: touchedBytes };
}

/** Where a column of a position's key is among a head's keys. */
function keyOffset(width: number, position: number, column: number): number {
  const output = position % panelOutputs;
  return ((position - output) / panelOutputs) * panelBytes(width) + inputOffset(column) + output * outputBytes;
}

/** Where a column of a position's value is among a head's values. They are packed without sums of blocks. */
function valueOffset(capacity: number, position: number, column: number): number {
  const output = column % panelOutputs;
  const input = position % outputBytes;
  return (column - output) * capacity + (position - input) * panelOutputs + output * outputBytes + input;
}

/** Reads caches of {@link int8Layout}. */
export function readInt8(heap: Heap, config: Gpt2Config): ReadCache {
  const { kvHeads } = config;
  const width = headWidth(config);
  const streamsOfHead = headStreams(config).length;
  return (buffer, layer, kind, length) => {
    const out = new Float32Array(length * kvHeads * width);
    const bytes = new Int8Array(heap.bytes.buffer);
    for (let head = 0; head < kvHeads; head++) {
      const keys = (layer * kvHeads + head) * streamsOfHead;
      const [stream, scaleStream] = kind === "key" ? [keys, keys + 1] : [keys + 2, keys + streamsOfHead - 1];
      const start = buffer.address(stream);
      const scales = heap.floats(buffer.address(scaleStream), length);
      scales.forEach((scale, position) => {
        for (let column = 0; column < width; column++) {
          const offset =
            kind === "key" ? keyOffset(width, position, column) : valueOffset(buffer.capacity, position, column);
          out[(position * kvHeads + head) * width + column] = (bytes[start + offset] as number) * scale;
        }
      });
    }
    return out;
  };
}
