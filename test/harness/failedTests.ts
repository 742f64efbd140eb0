/** A window that a test uses. */
export interface Watched {
  /** Keeps a picture. @returns what its logs say. */
  keep(): Promise<string>;
}

/** The windows of this process. Each test file is a bundle with this module in it: they share one. */
interface Windows {
  readonly open: Set<Watched>;
  /** What those said that were closed while the running test still ran. */
  readonly closed: string[];
}

const shared = globalThis as { gpt2TestWindows?: Windows };
const windows = (shared.gpt2TestWindows ??= { open: new Set(), closed: [] });

/** Has a window asked when a test fails. */
export function watchWindow(window: Watched): void {
  windows.open.add(window);
}

/** To be called before a window closes, with what its logs say: the test that closes it may be one that fails. */
export function unwatchWindow(window: Watched, words: string): void {
  windows.open.delete(window);
  windows.closed.push(words);
}

/** Has each test that fails add to its error what its windows say, before any hook changes them. */
export function askWindowsOnFailure(suite: Mocha.Suite): void {
  suite.eachTest((test) => {
    const work = test.fn as Mocha.AsyncFunc | undefined;
    if (work === undefined) return;
    test.fn = async function (this: Mocha.Context): Promise<void> {
      windows.closed.length = 0;
      try {
        await work.call(this);
      } catch (error) {
        const words = [...windows.closed, ...(await Promise.all(Array.from(windows.open, wordsOf)))];
        if (error instanceof Error) error.stack = [error.stack ?? error.message, ...words].join("\n");
        throw error;
      }
    };
  });
}

/** What a window says, or why it cannot say anything. */
function wordsOf(window: Watched): Promise<string> {
  return window.keep().catch(String);
}
