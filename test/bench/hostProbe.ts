import { existsSync } from "node:fs";
import { appendFile, writeFile } from "node:fs/promises";
import { Session } from "node:inspector/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { HostProfile } from "./hostProfile";

/** What the extension host was like during one period. */
export interface HostSample {
  /** Milliseconds since 1970, at the period's end. */
  readonly at: number;
  readonly pid: number;
  /** The longest time, in ms, in which the event loop did not come round; the measuring timer's own 1 ms is in it. */
  readonly blockMs: number;
  /** CPU time that the event loop's own thread used in the period, in ms: on a busy machine, the part of a block that was ours. */
  readonly cpuMs: number;
  /** Resident memory of the whole process, worker threads included, in bytes. */
  readonly rss: number;
}

/** The endings of the probe's files, after the path in GPT2_PROBE_FILE. */
export const probeFiles = { samples: ".samples.jsonl", stop: ".stop", profile: ".profile.json" } as const;

const PERIOD_MS = 100;
const PROFILE_MICROSECONDS = 500;
const CPU_PERIOD_MS = 2;

/**
 * Entry of an extension that is loaded beside the one that is measured. All extensions share one host and one event loop, so
 * it sees every block there is. It appends a {@link HostSample} per line to a file, and writes a {@link HostProfile} of all of the time
 * when it is to stop.
 */
export async function activate(): Promise<void> {
  const file = process.env["GPT2_PROBE_FILE"];
  if (!file) return;
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: PROFILE_MICROSECONDS });
  const startedAt = performance.timeOrigin + performance.now();
  await session.post("Profiler.start");

  const cpuTimes: [number, number][] = [];
  const cpuTimer = setInterval(() => {
    const { user, system } = process.threadCpuUsage();
    cpuTimes.push([performance.timeOrigin + performance.now(), (user + system) / 1000]);
  }, CPU_PERIOD_MS);

  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let cpu = process.threadCpuUsage();
  const timer = setInterval(() => {
    const used = process.threadCpuUsage(cpu);
    cpu = process.threadCpuUsage();
    const blockMs = delay.max / 1e6;
    delay.reset();
    const cpuMs = (used.user + used.system) / 1000;
    const sample: HostSample = { at: Date.now(), pid: process.pid, blockMs, cpuMs, rss: process.memoryUsage.rss() };
    void appendFile(file + probeFiles.samples, `${JSON.stringify(sample)}\n`);
    if (!existsSync(file + probeFiles.stop)) return;
    clearInterval(timer);
    clearInterval(cpuTimer);
    void session.post("Profiler.stop").then(({ profile }) => {
      const written: HostProfile = { startedAt, profile, cpuTimes };
      return writeFile(file + probeFiles.profile, JSON.stringify(written));
    });
  }, PERIOD_MS);
}
