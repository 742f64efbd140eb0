import { readFileSync } from "node:fs";

/**
 * The most memory that this process had, in bytes. Linux counts in `maxRSS` what the parent had when it started the process, so there it is
 * read from the process's own high-water mark.
 */
export function peakMemory(): number {
  if (process.platform === "linux") {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}
