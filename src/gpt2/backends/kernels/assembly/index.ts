import { attention, attentionPieces } from "./attention";
import { cacheRow } from "./cache";
import { constantsEnd } from "./constants";
import { activate, exp } from "./functions";
import { layerNorm } from "./layerNorm";
import { linear } from "./linear";
import { Plan } from "./plan";
import { quantize } from "./quantize";
import { multiplyInRegisters } from "./registers";
import { endThreads, startStep, waitForStep } from "./scheduler";
import { runStep, stageCount } from "./step";
import { largestOfAll, sumExp } from "./sumExp";

// For the choice of a module, for benchmarks, and for tests, which call them one by one.
export {
  attention,
  attentionPieces,
  cacheRow,
  constantsEnd,
  largestOfAll,
  layerNorm,
  linear,
  multiplyInRegisters,
  quantize,
  sumExp,
};

/** Runs the step that the plan describes, together with the threads that {@link work} for it. */
export function step(plan: Plan): void {
  startStep(plan.scheduler, stageCount(plan));
  runStep(plan, 0);
}

/** Runs another thread's share of each step until {@link end}. */
export function work(plan: Plan, thread: i32): void {
  let started = waitForStep(plan.scheduler, 0);
  while (started >= 0) {
    runStep(plan, thread);
    started = waitForStep(plan.scheduler, started);
  }
}

/** Lets the threads leave {@link work}. */
export function end(plan: Plan): void {
  endThreads(plan.scheduler);
}

/** {@link activate} for `count` numbers, a multiple of 4. */
export function activateAll(form: i32, x: usize, out: usize, count: i32): void {
  for (let i: usize = 0; i < (<usize>count) << 2; i += 16) v128.store(out + i, activate(form, v128.load(x + i)));
}

/** {@link exp} for `count` numbers, a multiple of 4. */
export function expAll(x: usize, out: usize, count: i32): void {
  for (let i: usize = 0; i < (<usize>count) << 2; i += 16) v128.store(out + i, exp(v128.load(x + i)));
}

/** Reads `bytes`, a multiple of 64, and does nothing with them: no pass through as many weights can be faster. */
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
