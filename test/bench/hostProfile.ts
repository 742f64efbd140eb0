import type { Profiler } from "node:inspector";

/** A CPU profile of the extension host's event loop. */
export interface HostProfile {
  /** Milliseconds since 1970 at which it began. */
  readonly startedAt: number;
  readonly profile: Profiler.Profile;
  /** Milliseconds since 1970, and CPU time that the thread had used by then, in ms. */
  readonly cpuTimes: readonly (readonly [at: number, cpuMs: number])[];
}

/** A time in which the event loop did not come round, or in which one part of the code held it. */
export interface Stretch {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ms: number;
  /** About the CPU time of the thread meanwhile: on a busy machine, other processes have the rest. */
  readonly cpuMs: number;
  /** The functions that took most of it, with their shares in ms. */
  readonly functions: string;
}

interface Frame {
  readonly name: string;
  readonly idle: boolean;
  /** Whether a function of the extension that is measured is on the stack. */
  readonly own: boolean;
}

/**
 * The stretches in which the event loop was busy, and those in which the extension whose files lie under a folder of this name was on
 * the stack, in the order of time. A stretch goes from sample to sample, so it is right to about a millisecond.
 */
export function stretchesOf(
  { startedAt, profile, cpuTimes }: HostProfile,
  extension: string,
): { readonly busy: readonly Stretch[]; readonly own: readonly Stretch[] } {
  const frames = framesOf(profile, extension);
  const cpuMs = (from: number, to: number): number => cpuBetween(cpuTimes, from, to);
  const [busy, own] = [new Stretches((frame) => !frame.idle, cpuMs), new Stretches((frame) => frame.own, cpuMs)];
  const deltas = profile.timeDeltas ?? [];
  let at = startedAt;
  profile.samples?.forEach((id, i) => {
    at += (deltas[i] ?? 0) / 1000;
    const frame = frames.get(id);
    const ms = (deltas[i + 1] ?? 0) / 1000;
    if (!frame) return;
    for (const stretches of [busy, own]) stretches.add(at, ms, frame);
  });
  return { busy: busy.end(), own: own.end() };
}

/** The system counts a thread's time so many milliseconds late at most, unless the thread sleeps meanwhile. */
const countedLateMs = 4;

/** A thread that runs is sampled more often, about every half millisecond: in a longer gap it waited for the processor. */
const longestSampleMs = 2;

/** CPU time between two times, with what the thread did around them until it was counted. */
function cpuBetween(times: HostProfile["cpuTimes"], from: number, to: number): number {
  const before = times.findLastIndex(([at]) => at <= from);
  const after = times.find(([at]) => at >= to + countedLateMs);
  return (after?.[1] ?? Infinity) - (times[before]?.[1] ?? 0);
}

/** Groups neighboring samples. */
class Stretches {
  readonly #done: Stretch[] = [];
  #at = 0;
  #ms = 0;
  #sampledMs = 0;
  readonly #functions = new Map<string, number>();

  constructor(
    private readonly includes: (frame: Frame) => boolean,
    private readonly cpuMs: (from: number, to: number) => number,
  ) {}

  add(at: number, ms: number, frame: Frame): void {
    if (!this.includes(frame)) {
      this.end();
      return;
    }
    if (this.#functions.size === 0) this.#at = at;
    this.#ms += ms;
    this.#sampledMs += Math.min(ms, longestSampleMs);
    this.#functions.set(frame.name, (this.#functions.get(frame.name) ?? 0) + ms);
  }

  end(): readonly Stretch[] {
    if (this.#functions.size > 0) {
      const most = [...this.#functions].sort(([, a], [, b]) => b - a).slice(0, 4);
      const functions = most.map(([name, ms]) => `${name} ${ms.toFixed(1)}`).join(", ");
      const cpuMs = Math.min(this.#sampledMs, this.cpuMs(this.#at, this.#at + this.#ms));
      this.#done.push({ at: this.#at, ms: this.#ms, cpuMs, functions });
    }
    this.#ms = 0;
    this.#sampledMs = 0;
    this.#functions.clear();
    return this.#done;
  }
}

function framesOf({ nodes }: Profiler.Profile, extension: string): ReadonlyMap<number, Frame> {
  const frames = new Map<number, Frame>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const visit = (id: number, parentIsOwn: boolean): void => {
    const node = byId.get(id);
    if (!node) return;
    const { functionName, url, lineNumber } = node.callFrame;
    const own = parentIsOwn || url.includes(extension);
    const place = url === "" ? "" : ` (${url.slice(url.lastIndexOf("/") + 1)}:${lineNumber + 1})`;
    frames.set(id, { name: (functionName || "anonymous") + place, idle: functionName === "(idle)", own });
    for (const child of node.children ?? []) visit(child, own);
  };
  const [root] = nodes;
  if (root) visit(root.id, false);
  return frames;
}
