import { Meeting } from "./plan";

/**
 * How threads share a step. It is a sequence of stages, numbered on from step to step, and a stage is a number of pieces. A thread takes
 * pieces until none is left, and the one that completes the last lets the next stage begin. No stage waits for a thread that has taken
 * nothing: one that the machine holds up leaves its share to the others, finds their stages passed and catches up. Who computes a piece
 * makes no difference to it.
 */

/** Looks at a word so often before the thread goes to sleep: some tens of microseconds, longer than most stages of one token. */
const spins: i32 = 20_000;

/** The stage that is at work, the upper half of `Meeting.work`. */
function stageAddress(meeting: Meeting): usize {
  return changetype<usize>(meeting) + offsetof<Meeting>("work") + 4;
}

/** Returns when the word at `address` is no longer `value`. */
function waitWhile(meeting: Meeting, address: usize, value: i32): void {
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(address) != value) return;
  const sleepers = changetype<usize>(meeting) + offsetof<Meeting>("sleepers");
  atomic.add<i32>(sleepers, 1);
  while (atomic.load<i32>(address) == value) atomic.wait<i32>(address, value, -1);
  atomic.sub<i32>(sleepers, 1);
}

/** Wakes those that wait for the word at `address`, which has been changed. */
function wake(meeting: Meeting, address: usize): void {
  if (atomic.load<i32>(changetype<usize>(meeting) + offsetof<Meeting>("sleepers"))) atomic.notify(address, -1);
}

/** Takes up to `count` of a stage's pieces: the first one's number, or −1 when none is left. */
export function take(meeting: Meeting, stage: i32, count: i32, pieces: i32): i32 {
  const address = changetype<usize>(meeting) + offsetof<Meeting>("work");
  let work = atomic.load<i64>(address);
  while (<i32>(work >> 32) == stage && <i32>work < pieces) {
    const seen = atomic.cmpxchg<i64>(address, work, work + count);
    if (seen == work) return <i32>work;
    work = seen;
  }
  return -1;
}

/** Says that `count` pieces are done: whether they were the stage's last. Then the caller lets another stage {@link advance}. */
export function complete(meeting: Meeting, count: i32, pieces: i32): bool {
  return atomic.add<i32>(changetype<usize>(meeting) + offsetof<Meeting>("done"), count) + count == pieces;
}

/** Lets a stage begin. */
export function advance(meeting: Meeting, stage: i32): void {
  atomic.store<i32>(changetype<usize>(meeting) + offsetof<Meeting>("done"), 0);
  atomic.store<i64>(changetype<usize>(meeting) + offsetof<Meeting>("work"), (<i64>stage) << 32);
  wake(meeting, stageAddress(meeting));
}

/** Waits until a stage is over. */
export function waitForEnd(meeting: Meeting, stage: i32): void {
  waitWhile(meeting, stageAddress(meeting), stage);
}

/** The stage that is at work. */
export function currentStage(meeting: Meeting): i32 {
  return atomic.load<i32>(stageAddress(meeting));
}

/** The first stage of the step that was begun last. */
export function firstStage(meeting: Meeting): i32 {
  return atomic.load<i32>(changetype<usize>(meeting) + offsetof<Meeting>("first"));
}

/** The stage behind the last one of the step that was begun last. */
export function endStage(meeting: Meeting): i32 {
  return atomic.load<i32>(changetype<usize>(meeting) + offsetof<Meeting>("end"));
}

/** Lets the other threads begin the step that the plan describes, of so many stages. */
export function begin(meeting: Meeting, stages: i32): void {
  const first = currentStage(meeting);
  atomic.store<i32>(changetype<usize>(meeting) + offsetof<Meeting>("first"), first);
  atomic.store<i32>(changetype<usize>(meeting) + offsetof<Meeting>("end"), first + stages);
  const started = changetype<usize>(meeting) + offsetof<Meeting>("started");
  atomic.add<i32>(started, 1);
  wake(meeting, started);
}

/** Waits until there are other steps than the first `started` ones: their number, or −1 when there will be none. */
export function waitForStep(meeting: Meeting, started: i32): i32 {
  const address = changetype<usize>(meeting) + offsetof<Meeting>("started");
  waitWhile(meeting, address, started);
  // In this order: a thread that counts the last step must also see that it is the last, or it would wait for another.
  const now = atomic.load<i32>(address);
  if (atomic.load<i32>(changetype<usize>(meeting) + offsetof<Meeting>("stopped"))) return -1;
  return now;
}

/** Ends the other threads. */
export function endThreads(meeting: Meeting): void {
  atomic.store<i32>(changetype<usize>(meeting) + offsetof<Meeting>("stopped"), 1);
  begin(meeting, 0);
}
