import { Scheduler } from "./plan";

/**
 * How threads share a step. It is a sequence of stages, numbered across steps, and a stage consists of independent pieces. A thread takes
 * pieces until none is left, and the one that completes the last piece starts the next stage. No stage waits for a thread that has taken
 * nothing: one that is preempted leaves its share to the others, and skips the stages that passed. Which thread computes a piece makes no
 * difference to the result.
 */

/** Reads of a word before the thread goes to sleep: some tens of microseconds, longer than most stages of one token. */
const spins: i32 = 20_000;

/** The stage and its next piece, one 64-bit word. */
function workAddress(scheduler: Scheduler): usize {
  return changetype<usize>(scheduler) + offsetof<Scheduler>("nextPiece");
}

function stageAddress(scheduler: Scheduler): usize {
  return changetype<usize>(scheduler) + offsetof<Scheduler>("stage");
}

/** Returns when the word at `address` is no longer `value`. */
function waitWhile(scheduler: Scheduler, address: usize, value: i32): void {
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(address) != value) return;
  const sleepers = changetype<usize>(scheduler) + offsetof<Scheduler>("sleepers");
  atomic.add<i32>(sleepers, 1);
  while (atomic.load<i32>(address) == value) atomic.wait<i32>(address, value, -1);
  atomic.sub<i32>(sleepers, 1);
}

/** Wakes the threads that wait for the word at `address`, which has been changed. */
function wake(scheduler: Scheduler, address: usize): void {
  if (atomic.load<i32>(changetype<usize>(scheduler) + offsetof<Scheduler>("sleepers"))) atomic.notify(address, -1);
}

/** Takes up to `count` pieces of a stage. @returns the number of the first, or −1 when none is left */
export function takePieces(scheduler: Scheduler, stage: i32, count: i32, pieces: i32): i32 {
  const address = workAddress(scheduler);
  let work = atomic.load<i64>(address);
  while (<i32>(work >> 32) == stage && <i32>work < pieces) {
    const seen = atomic.cmpxchg<i64>(address, work, work + count);
    if (seen == work) return <i32>work;
    work = seen;
  }
  return -1;
}

/** Counts completed pieces. @returns whether they were the stage's last; then the caller has to call {@link startStage} */
export function completePieces(scheduler: Scheduler, count: i32, pieces: i32): bool {
  return atomic.add<i32>(changetype<usize>(scheduler) + offsetof<Scheduler>("done"), count) + count == pieces;
}

export function startStage(scheduler: Scheduler, stage: i32): void {
  atomic.store<i32>(changetype<usize>(scheduler) + offsetof<Scheduler>("done"), 0);
  atomic.store<i64>(workAddress(scheduler), (<i64>stage) << 32);
  wake(scheduler, stageAddress(scheduler));
}

/** Waits until a stage is complete. */
export function waitForEnd(scheduler: Scheduler, stage: i32): void {
  waitWhile(scheduler, stageAddress(scheduler), stage);
}

export function currentStage(scheduler: Scheduler): i32 {
  return atomic.load<i32>(stageAddress(scheduler));
}

/** The first stage of the latest step. */
export function firstStage(scheduler: Scheduler): i32 {
  return atomic.load<i32>(changetype<usize>(scheduler) + offsetof<Scheduler>("firstStage"));
}

/** The stage after the last one of the latest step. */
export function endStage(scheduler: Scheduler): i32 {
  return atomic.load<i32>(changetype<usize>(scheduler) + offsetof<Scheduler>("endStage"));
}

/** Lets the other threads start the step that the plan describes, which has so many stages. */
export function startStep(scheduler: Scheduler, stages: i32): void {
  const first = currentStage(scheduler);
  atomic.store<i32>(changetype<usize>(scheduler) + offsetof<Scheduler>("firstStage"), first);
  atomic.store<i32>(changetype<usize>(scheduler) + offsetof<Scheduler>("endStage"), first + stages);
  const started = changetype<usize>(scheduler) + offsetof<Scheduler>("started");
  atomic.add<i32>(started, 1);
  wake(scheduler, started);
}

/** Waits until more than `started` steps were started. @returns their number, or −1 when there will be no more */
export function waitForStep(scheduler: Scheduler, started: i32): i32 {
  const address = changetype<usize>(scheduler) + offsetof<Scheduler>("started");
  // Nobody wakes a thread after the last step. One was seen asleep with the number of the last step, so it is asked here as well.
  if (isStopped(scheduler)) return -1;
  waitWhile(scheduler, address, started);
  // In this order: a thread that sees the number of the last step must also see that it is the last, or it would wait for another.
  const now = atomic.load<i32>(address);
  return isStopped(scheduler) ? -1 : now;
}

function isStopped(scheduler: Scheduler): bool {
  return atomic.load<i32>(changetype<usize>(scheduler) + offsetof<Scheduler>("stopped")) != 0;
}

/** Ends the other threads. */
export function endThreads(scheduler: Scheduler): void {
  atomic.store<i32>(changetype<usize>(scheduler) + offsetof<Scheduler>("stopped"), 1);
  startStep(scheduler, 0);
}
