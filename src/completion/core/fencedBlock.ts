import type { OtherText } from "./notebook";

/** The fenced code block of a Markdown document that a position is in. */
export interface FencedBlock {
  /** VS Code's identifier of the language that the fence names, or the name itself; empty where it names none. */
  readonly languageId: string;
  /** The block's text before the position. */
  readonly before: string;
  /** The block's text after it. */
  readonly after: string;
  /** The document around the block, fences included. */
  readonly around: OtherText;
}

/** Names of languages that fences use beside the identifiers. */
const names: Readonly<Record<string, string>> = {
  "c++": "cpp",
  "c#": "csharp",
  bash: "shellscript",
  console: "shellscript",
  cs: "csharp",
  js: "javascript",
  jsx: "javascriptreact",
  kt: "kotlin",
  md: "markdown",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "shellscript",
  shell: "shellscript",
  text: "plaintext",
  ts: "typescript",
  tsx: "typescriptreact",
  yml: "yaml",
  zsh: "shellscript",
};

/** Without a backtick after the marker, which would be code within a line. */
const fence = /^\s*(`{3,}|~{3,})(?![^`]*`)\s*(\S*)/;

/** Finds the fenced block around a position between two texts of a Markdown document; undefined in the text outside of blocks. */
export function fencedBlockAt(before: string, after: string): FencedBlock | undefined {
  const start = openFence(before);
  if (!start) return undefined;
  const end = closingFence(after, start.marker);
  return {
    languageId: names[start.name] ?? start.name,
    before: before.slice(start.end),
    after: after.slice(0, end),
    around: { above: before.slice(0, start.end), below: after.slice(end) },
  };
}

interface Fence {
  readonly marker: string;
  readonly name: string;
  /** Where the line after it begins. */
  readonly end: number;
}

/** The fence that is still open at the start of a text's last line. */
function openFence(text: string): Fence | undefined {
  let open: Fence | undefined;
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
    const [, marker = "", name = ""] = fence.exec(text.slice(start, end)) ?? [];
    start = end + 1;
    if (marker === "") continue;
    if (!open) open = { marker, name: name.toLowerCase(), end: start };
    else if (name === "" && marker.startsWith(open.marker)) open = undefined;
  }
  return open;
}

/** The index of the line break before the closing fence; the text's length where there is none. */
function closingFence(text: string, marker: string): number {
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) {
    const next = text.indexOf("\n", end + 1);
    const line = text.slice(end + 1, next < 0 ? text.length : next);
    const [, found = "", name = ""] = fence.exec(line) ?? [];
    if (name === "" && found.startsWith(marker)) return end;
  }
  return text.length;
}
