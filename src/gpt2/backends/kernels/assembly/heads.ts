import { Plan } from "./plan";

/** Bytes from a position of the cache to the next. */
export function positionBytes(plan: Plan): usize {
  return (<usize>(plan.kvHeads * plan.headWidth)) << 2;
}

/** Where a head's keys, or values, are within a position, in heads. */
export function kvHeadOf(head: i32, heads: i32, kvHeads: i32): usize {
  return <usize>(heads == kvHeads ? head : (head * kvHeads) / heads);
}

/** Bytes from the scores of a row's head to those of the next. */
export function headScoreBytes(plan: Plan): usize {
  return (<usize>plan.scoreCapacity) << 2;
}
