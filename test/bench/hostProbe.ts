import { appendFile } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";

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

const PERIOD_MS = 100;

/**
 * Entry of an extension that is loaded beside the one that is measured. All extensions share one host and one event loop, so
 * it sees every block there is. It appends a {@link HostSample} per line to the file that GPT2_PROBE_FILE names.
 */
export function activate(): void {
  const file = process.env["GPT2_PROBE_FILE"];
  if (!file) return;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let cpu = process.threadCpuUsage();
  setInterval(() => {
    const used = process.threadCpuUsage(cpu);
    cpu = process.threadCpuUsage();
    const blockMs = delay.max / 1e6;
    delay.reset();
    const cpuMs = (used.user + used.system) / 1000;
    const sample: HostSample = { at: Date.now(), pid: process.pid, blockMs, cpuMs, rss: process.memoryUsage.rss() };
    void appendFile(file, `${JSON.stringify(sample)}\n`);
  }, PERIOD_MS);
}
