import { Meeting, Plan } from "./plan";

/** Looks at a word so often before the thread goes to sleep: some tens of microseconds, longer than most waits within a step. */
const spins: i32 = 20_000;

/** Returns when the word at `address` is no longer `value`. */
function waitWhile(address: usize, value: i32): void {
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(address) != value) return;
  while (atomic.load<i32>(address) == value) atomic.wait<i32>(address, value, -1);
}

/** Waits until all threads are here, and makes the next stage's work available. */
export function barrier(plan: Plan): void {
  const threads = plan.threads;
  const meeting = plan.meeting;
  if (threads == 1) {
    meeting.next = 0;
    return;
  }
  const at = changetype<usize>(meeting);
  const generation = atomic.load<i32>(at, offsetof<Meeting>("generation"));
  const arrived = atomic.add<i32>(at, 1, offsetof<Meeting>("arrived")) + 1;
  if (arrived < threads) {
    waitWhile(at + offsetof<Meeting>("generation"), generation);
    return;
  }
  atomic.store<i32>(at, 0, offsetof<Meeting>("arrived"));
  atomic.store<i32>(at, 0, offsetof<Meeting>("next"));
  atomic.store<i32>(at, generation + 1, offsetof<Meeting>("generation"));
  atomic.notify(at + offsetof<Meeting>("generation"), threads);
}

/**
 * Takes the next `count` pieces of a stage's work: the first one's number. Threads take pieces as they get to it, so one that the
 * machine holds up leaves its share to the others. Who computes a piece makes no difference to it.
 */
export function take(plan: Plan, count: i32): i32 {
  const meeting = plan.meeting;
  if (plan.threads > 1) return atomic.add<i32>(changetype<usize>(meeting), count, offsetof<Meeting>("next"));
  const next = meeting.next;
  meeting.next = next + count;
  return next;
}

/** Lets the other threads begin the step that the plan describes. */
export function begin(plan: Plan): void {
  if (plan.threads == 1) return;
  const at = changetype<usize>(plan.meeting) + offsetof<Meeting>("started");
  atomic.add<i32>(at, 1);
  atomic.notify(at, plan.threads);
}

/** Waits for the step behind the first `started` ones. False: there will be none. */
export function waitForStep(plan: Plan, started: i32): bool {
  const at = changetype<usize>(plan.meeting);
  waitWhile(at + offsetof<Meeting>("started"), started);
  return atomic.load<i32>(at, offsetof<Meeting>("stopped")) == 0;
}

/** Ends the other threads. */
export function endThreads(plan: Plan): void {
  atomic.store<i32>(changetype<usize>(plan.meeting), 1, offsetof<Meeting>("stopped"));
  begin(plan);
}
