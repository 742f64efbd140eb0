/** What of a process interrupts it: `process`, or a stand-in. */
export interface Interruptible {
  once(event: "SIGINT", listener: () => void): unknown;
  exit(code: number): unknown;
}

/** By the shell's convention: 128 and the number of the signal. */
export const interruptedCode = 130;

/**
 * Turns the first Ctrl-C into a signal, so that the running step ends in order. What does not listen to it (reading weights, waiting for
 * someone to take the output) is ended after `graceMs`. The second Ctrl-C gets Node's default and ends the process at once.
 */
export function onInterrupt(process: Interruptible, graceMs = 1000): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => {
    controller.abort();
    setTimeout(() => void process.exit(interruptedCode), graceMs).unref();
  });
  return controller.signal;
}
