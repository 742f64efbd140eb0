import { largestOf, powerBelow, sumLanes } from "./functions";

/** Bytes of the numbers that are added up as floats before their sum is added to a double. */
const blockBytes: usize = 256;

/** The end of the vectors of four among `count` numbers. */
function endOfVectors(x: usize, count: i32): usize {
  return x + (((<usize>count) & ~3) << 2);
}

/** The largest of `count` numbers, at least one. */
export function largestOfAll(x: usize, count: i32): f32 {
  const vectors = endOfVectors(x, count);
  let largest = vectors > x ? largestOf(x, vectors) : load<f32>(x);
  for (let at = vectors; at < x + ((<usize>count) << 2); at += 4) largest = max(largest, load<f32>(at));
  return largest;
}

/** The sum of e^(x − largest) over `count` numbers; −∞ adds nothing. */
export function sumExp(x: usize, count: i32, largest: f32): f64 {
  const vectors = endOfVectors(x, count);
  const shift = f32x4.splat(largest);
  let sum: f64 = 0;
  let at = x;
  while (at < vectors) {
    const end = min(at + blockBytes, vectors);
    let part = f32x4.splat(0);
    for (; at < end; at += 16) part = f32x4.add(part, powerBelow(v128.load(at), shift));
    sum += <f64>sumLanes(part);
  }
  for (; at < x + ((<usize>count) << 2); at += 4) {
    sum += <f64>f32x4.extract_lane(powerBelow(v128.load32_splat(at), shift), 0);
  }
  return sum;
}
