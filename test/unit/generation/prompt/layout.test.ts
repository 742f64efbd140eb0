import assert from "node:assert/strict";
import { moveWindow, PromptEncoder } from "../../../../src/generation/prompt/layout";
import { seededRandom } from "../../../../src/generation/sampling/random";
import { isNearlySame, SuffixAnchor } from "../../../../src/generation/prompt/suffixAnchor";
import { budget, nearMove, windowStart } from "../../../../src/generation/prompt/window";
import type { Tokenizer } from "../../../../src/tokenizer/tokenizer";
import { FakeTokenizer } from "../fakes";

const tokenizer = new FakeTokenizer();
const { endOfText, fim } = tokenizer;
const layout = (header: string, prefix: string, suffix: string, contextLength = 256, maxTokens = 32) =>
  new PromptEncoder(tokenizer).encode({ header, prefix, suffix }, contextLength, maxTokens);

describe("window", () => {
  it("stays within capacity, moves by a quarter at a time and never back", () => {
    for (const capacity of [1, 2, 3, 5, 17, 64, 100, 767]) {
      const isLineStart = (index: number) => (index * 7919) % 13 === 0;
      let before = 0;
      let moves = 0;
      const longest = 5 * capacity;
      for (let length = 1; length <= longest; length++) {
        const start = windowStart(length, capacity, isLineStart);
        assert.ok(length - start > 0 && length - start <= capacity);
        assert.ok(start === 0 || length - start >= capacity / 2);
        assert.ok(start >= before);
        if (start !== before) moves++;
        before = start;
      }
      assert.ok(
        moves <= Math.ceil((longest - capacity) / Math.max(1, Math.floor(capacity / 4))),
        `${capacity}: ${moves}`,
      );
    }
  });

  it("knows where it will be after the text has grown", () => {
    const isLineStart = (index: number) => (index * 7919) % 13 === 0;
    for (const capacity of [17, 64, 100, 767]) {
      const growth = Math.floor(capacity / 8);
      for (let length = 1; length < 4 * capacity; length++) {
        const start = windowStart(length, capacity, isLineStart, growth);
        assert.equal(start, windowStart(length + growth, capacity, isLineStart));
        assert.ok(start < length);
      }
    }
  });

  it("has parts that never exceed the context together", () => {
    for (let contextLength = 64; contextLength <= 1100; contextLength += 37) {
      for (const maxTokens of [0, 1, 8, 64, 512, 4096]) {
        const { prefix, suffix } = budget(contextLength, maxTokens, 4, true);
        assert.ok(prefix >= 1 && suffix >= 0 && prefix + suffix + 4 <= contextLength);
      }
    }
  });
});

describe("prompt layout", () => {
  it("puts the suffix first, then header and prefix as one text", () => {
    const { tokens, head } = layout("// a.ts\n", "foo = ", "\nbar");
    const suffix = tokenizer.encode("\nbar");
    const start = [endOfText, fim.prefix, fim.suffix, ...suffix, fim.middle];
    assert.deepEqual(tokens, [...start, ...tokenizer.encode("// a.ts\nfoo = ")]);
    assert.equal(head, start.length + tokenizer.encode("// a.ts\n").length);
  });

  it("omits the fill-in-the-middle tokens without a suffix", () => {
    assert.deepEqual(layout("# a\n", "x", "").tokens, [endOfText, ...tokenizer.encode("# a\nx")]);
    assert.deepEqual(layout("", "", "").tokens, [endOfText]);
  });

  it("drops the suffix for a model without fill-in-the-middle tokens", () => {
    const plain: Tokenizer = Object.defineProperty(new FakeTokenizer(), "fim", { value: undefined });
    const encode = (suffix: string) =>
      new PromptEncoder(plain).encode({ header: "# a\n", prefix: "x", suffix }, 256, 32);
    assert.deepEqual(encode("\nbar"), encode(""));
    assert.deepEqual(encode("\nbar").tokens, [endOfText, ...tokenizer.encode("# a\nx")]);
  });

  it("encodes header and prefix together where a token spans both", () => {
    const { tokens } = layout("# a\n", "\nx", "");
    assert.deepEqual(tokens, [endOfText, ...tokenizer.encode("# a\n\nx")]);
    assert.equal(tokens.length, 1 + 3 + 1 + 1);
  });

  it("encodes the names of special tokens in a text as text", () => {
    assert.equal(layout("", "<|endoftext|>", "").tokens.filter((token) => tokenizer.isSpecial(token)).length, 1);
  });

  it("fits any text into any context", () => {
    const random = seededRandom(3);
    const alphabet = ["foo", " ", "\n", "é", "😀", "    ", "x"];
    for (let i = 0; i < 300; i++) {
      const text = (length: number) =>
        Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)] ?? "").join("");
      const contextLength = 2 + Math.floor(random() * 300);
      const maxTokens = Math.floor(random() * 400);
      const header = random() < 0.5 ? "" : `# ${text(Math.floor(random() * 40)).replaceAll("\n", "")}\n`;
      const { tokens, head } = layout(header, text(random() * 3000), text(random() * 500), contextLength, maxTokens);
      assert.ok(tokens.length > 0 && tokens.length <= contextLength, `${tokens.length} of ${contextLength}`);
      assert.ok(head <= tokens.length);
    }
  });

  it("keeps all tokens but the last while a document grows, and moves at most once in a quarter window", () => {
    const random = seededRandom(8);
    const line = () => `${"    ".repeat(Math.floor(random() * 3))}foo${"x".repeat(Math.floor(random() * 20))}\n`;
    const document = Array.from({ length: 150 }, line).join("");
    const encoder = new PromptEncoder(tokenizer);
    const starts = new Set<number>();
    let before: readonly number[] = [];
    for (let length = 1; length <= document.length; length++) {
      const prefix = document.slice(0, length);
      const prompt = { header: "# a.py\n", prefix, suffix: "\nreturn foo\n" };
      const { tokens, head } = encoder.encode(prompt, 256, 32);
      assert.ok(tokens.length <= 256 - 32);
      const text = tokenizer.decode(tokens.slice(head));
      assert.ok(prefix.endsWith(text));
      const start = length - text.length;
      assert.ok(start === 0 || prefix[start - 1] === "\n", "begins at a line start");
      const changed = before.findIndex((token, i) => token !== tokens[i]);
      // The last few tokens may merge with what is typed; before them only a move of the window changes anything.
      const typed = changed < 0 || changed >= before.length - 3;
      if (!typed) starts.add(start);
      before = tokens;
    }
    const quarter = Math.floor((budget(256, 32, 4, true).prefix - 7) / 4);
    const most = Math.ceil(tokenizer.encode(document).length / quarter);
    assert.ok(starts.size > 3 && starts.size <= most, `${starts.size} moves, at most ${most}`);
  });

  it("knows the next window before it is needed, even where a long text is cut", () => {
    const random = seededRandom(5);
    const document = Array.from({ length: 700 }, () => `foo${"x".repeat(Math.floor(random() * 20))}\n`).join("");
    const encoder = new PromptEncoder(tokenizer);
    const textAt = (length: number, growth: number) => {
      const prompt = { header: "# a.py\n", prefix: document.slice(0, length), suffix: "" };
      const { tokens, head } = encoder.encode(prompt, 256, 32, growth);
      return tokenizer.decode(tokens.slice(head));
    };
    let [moves, known] = [0, 0];
    let now = textAt(199, 0);
    for (let length = 200; length < document.length; length++) {
      const before = now;
      now = textAt(length, 0);
      if (now.length > before.length) continue;
      moves++;
      if (now.startsWith(textAt(length - 1, nearMove(256)))) known++;
    }
    assert.ok(moves > 100, `${moves} moves`);
    assert.ok(known > 0.97 * moves, `${known} of ${moves} known`);
  });

  it("encodes only the end of a huge text", () => {
    const huge = "x = 1\n".repeat(200_000);
    const { tokens } = layout("", huge, "", 128, 16);
    assert.ok(tokens.length > 50 && tokens.length <= 112);
    assert.ok(huge.endsWith(tokenizer.decode(tokens.slice(1))));
  });

  it("keeps the head of a sequence when the window moves", () => {
    const tokens = Array.from({ length: 50 }, (_, i) => i);
    const moved = moveWindow(tokens, 5, tokenizer, 40);
    assert.deepEqual(moved.slice(0, 5), [0, 1, 2, 3, 4]);
    assert.ok(moved.length <= 40 && moved.at(-1) === 49);
    assert.equal(moveWindow(tokens, 5, tokenizer, 50), tokens);
  });
});

describe("suffix anchor", () => {
  const suffix = Array.from({ length: 30 }, (_, i) => `line ${i} of the suffix\n`).join("");

  it("keeps the earlier tokens through a small edit further down", () => {
    const anchor = new SuffixAnchor(tokenizer);
    const first = anchor.encode(suffix, 200);
    assert.equal(anchor.encode(suffix.replace("line 2", "line 2)"), 200), first);
    assert.equal(anchor.encode(suffix, 200), first);
  });

  it("uses the new suffix if its start or much of it changed", () => {
    const anchor = new SuffixAnchor(tokenizer);
    anchor.encode(suffix, 200);
    for (const other of [`)${suffix}`, suffix.replaceAll("suffix", "prompt"), "short", ""]) {
      assert.deepEqual(anchor.encode(other, 200), tokenizer.encode(other).slice(0, 200));
    }
  });

  it("remembers several documents", () => {
    const anchor = new SuffixAnchor(tokenizer);
    const other = suffix.replaceAll("line", "row");
    const first = anchor.encode(suffix, 200);
    const second = anchor.encode(other, 200);
    assert.equal(anchor.encode(suffix.replace("line 3", "line 3;"), 200), first);
    assert.equal(anchor.encode(other.replace("row 3", "row 3;"), 200), second);
  });

  it("replaces the suffix when small edits have added up", () => {
    const anchor = new SuffixAnchor(tokenizer);
    const first = anchor.encode(suffix, 200);
    const lines = suffix.split("\n");
    let replacedAt = 0;
    for (let i = 1; i < 9 && replacedAt === 0; i++) {
      lines[i] = `${lines[i] ?? ""} and more`;
      if (anchor.encode(lines.join("\n"), 200) !== first) replacedAt = i;
    }
    assert.ok(replacedAt > 1, `replaced at ${replacedAt}`);
  });

  it("compares suffixes by their edit distance", () => {
    const tokens = Array.from({ length: 100 }, (_, i) => i);
    const inserted = [...tokens.slice(0, 50), ...new Array<number>(10).fill(-1), ...tokens.slice(50, 90)];
    assert.ok(isNearlySame(tokens, [...tokens.slice(0, 50), -1, -2, ...tokens.slice(50)]));
    assert.ok(isNearlySame(tokens, [...tokens.slice(0, 20), ...tokens.slice(25), 1, 2, 3, 4, 5]));
    assert.ok(!isNearlySame(tokens, inserted), "ten insertions and ten deletions");
    assert.ok(!isNearlySame(tokens, tokens.slice(1)));
    assert.ok(!isNearlySame([1, 2], [1, 3]));
    assert.ok(isNearlySame([1, 2], [1, 2]));
  });
});
