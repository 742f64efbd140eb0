/** Where the command line writes. */
export interface Output {
  /** A part of the resulting text, to stdout. */
  text(part: string): void;
  /** The one object that `--json` prints, to stdout. */
  json(value: object): void;
  /** Anything but the result, to stderr. */
  note(message: string): void;
  /** Whether a person watches each of them. */
  readonly isTerminal: { readonly stdout: boolean; readonly stderr: boolean };
}

export const processOutput: Output = {
  text: (part) => void process.stdout.write(part),
  json: (value) => void process.stdout.write(`${JSON.stringify(value)}\n`),
  note: (message) => void process.stderr.write(message),
  isTerminal: { stdout: process.stdout.isTTY, stderr: process.stderr.isTTY },
};
