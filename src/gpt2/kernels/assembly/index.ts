import { attention } from "./attention";
import { activate, exp } from "./functions";
import { linear, toCache, toHidden, toLogits, toResidual } from "./linear";
import { Layer, Matrix, Plan } from "./plan";
import { layerNorm, quantize } from "./rows";
import { barrier, begin, endThreads, take, waitForStep } from "./threads";

// For tests, which try them one by one.
export { attention, layerNorm, linear, quantize };

/** Runs the step that the plan describes, together with the threads that {@link work} for it. */
export function step(plan: Plan): void {
  begin(plan);
  runStep(plan, 0);
}

/** What a further thread does: its share of each step until {@link end}. */
export function work(plan: Plan, thread: i32): void {
  for (let started = 0; waitForStep(plan, started); started++) runStep(plan, thread);
}

/** Lets the threads leave {@link work}. */
export function end(plan: Plan): void {
  endThreads(plan);
}

/** A thread's share. Between two stages all threads wait for one another. */
function runStep(plan: Plan, thread: i32): void {
  // Behind the last barrier the host may describe the next step, so the plan must not be looked at again.
  const lastHalf = plan.lastHalf;
  const logitRows = lastHalf == 2 * plan.layerCount ? plan.logitRows : 0;
  for (let half = plan.firstHalf; half < lastHalf; half++) {
    const layer = load<Layer>(plan.layers + ((<usize>(half >> 1)) << 2));
    if (half & 1) feedForward(plan, layer);
    else attend(plan, layer, half >> 1, thread);
  }
  if (logitRows > 0) {
    const first = plan.rows - logitRows;
    normalize(plan, plan.finalGain, plan.finalNormBias, first, plan.head);
    linear(plan, plan.head, first, logitRows, toLogits, 0);
    barrier(plan);
  }
}

function attend(plan: Plan, layer: Layer, index: i32, thread: i32): void {
  normalize(plan, layer.attentionGain, layer.attentionNormBias, 0, layer.qkv);
  linear(plan, layer.qkv, 0, plan.rows, toCache, index);
  barrier(plan);
  attention(plan, index, layer.scoreScale, thread);
  barrier(plan);
  quantizeRows(plan, plan.attended, layer.attentionOutput);
  linear(plan, layer.attentionOutput, 0, plan.rows, toResidual, index);
  barrier(plan);
}

function feedForward(plan: Plan, layer: Layer): void {
  normalize(plan, layer.feedForwardGain, layer.feedForwardNormBias, 0, layer.expand);
  linear(plan, layer.expand, 0, plan.rows, toHidden, 0);
  barrier(plan);
  quantizeRows(plan, plan.hidden, layer.contract);
  linear(plan, layer.contract, 0, plan.rows, toResidual, 0);
  barrier(plan);
}

/** Layer-normalises the residual stream from row `first` on and quantises it for the layer that comes next. */
function normalize(plan: Plan, gain: usize, bias: usize, first: i32, next: Matrix): void {
  for (let row = first + take(plan, 1); row < plan.rows; row = first + take(plan, 1)) {
    const at = (<usize>row * plan.width) << 2;
    layerNorm(plan.x + at, gain, bias, plan.normalized + at, plan.width, plan.epsilon);
    quantizeRow(plan, plan.normalized + at, row, next);
  }
  barrier(plan);
}

function quantizeRows(plan: Plan, rows: usize, next: Matrix): void {
  for (let row = take(plan, 1); row < plan.rows; row = take(plan, 1)) {
    quantizeRow(plan, rows + ((<usize>row * next.inputs) << 2), row, next);
  }
  barrier(plan);
}

function quantizeRow(plan: Plan, values: usize, row: i32, next: Matrix): void {
  const target = plan.quantized + <usize>row * ((<usize>next.blocks) << 5);
  store<f32>(plan.quantizedScales + ((<usize>row) << 2), quantize(values, target, next.inputs, next.range));
}

/** {@link activate} for `count` numbers, a multiple of 4. */
export function activateAll(form: i32, x: usize, out: usize, count: i32): void {
  for (let i: usize = 0; i < (<usize>count) << 2; i += 16) v128.store(out + i, activate(form, v128.load(x + i)));
}

/** {@link exp} for `count` numbers, a multiple of 4. */
export function expAll(x: usize, out: usize, count: i32): void {
  for (let i: usize = 0; i < (<usize>count) << 2; i += 16) v128.store(out + i, exp(v128.load(x + i)));
}

/** Reads `bytes`, a multiple of 64, and does nothing with them: the time that no pass through weights can be faster than. */
export function read(address: usize, bytes: usize): i32 {
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (let at = address; at < address + bytes; at += 64) {
    a = v128.xor(a, v128.load(at));
    b = v128.xor(b, v128.load(at, 16));
    c = v128.xor(c, v128.load(at, 32));
    d = v128.xor(d, v128.load(at, 48));
  }
  return i32x4.extract_lane(v128.xor(v128.xor(a, b), v128.xor(c, d)), 0);
}
