/** Where the command line writes. */
export interface Output {
  /** A part of the text that was asked for, to stdout. */
  text(part: string): void;
  /** The one object that `--json` prints, to stdout. */
  json(value: object): void;
  /** What is not the result, to stderr. */
  note(message: string): void;
}

export const processOutput: Output = {
  text: (part) => void process.stdout.write(part),
  json: (value) => void process.stdout.write(`${JSON.stringify(value)}\n`),
  note: (message) => void process.stderr.write(message),
};
