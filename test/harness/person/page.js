/* global window, document, performance, requestAnimationFrame, MutationObserver */

// Runs in the workbench's page. Reads what a person sees around the cursor, and records each frame in which that changes.
(() => {
  const GHOST = ".ghost-text-decoration, .ghost-text-decoration-preview, .ghost-text";
  const keys = [];
  const frames = [];

  const plain = (text) => text.replaceAll("\u00a0", " ").replaceAll("\u200b", "");

  /** The text nodes of a line, with whether they are ghost text. */
  function piecesOf(line) {
    const walker = document.createTreeWalker(line, 4);
    const pieces = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      pieces.push({ node, text: plain(node.data), ghost: node.parentElement.closest(GHOST) !== null });
    }
    return pieces;
  }

  /** Splits a line at a horizontal position of the window, where the cursor is drawn. */
  function splitAt(line, x) {
    const parts = { before: "", after: "", shown: "", ghost: "" };
    let passed = false;
    for (const { node, text, ghost } of piecesOf(line)) {
      let length = 0;
      if (!passed && !ghost && text !== "") {
        const range = document.createRange();
        range.selectNodeContents(node);
        const { left, width } = range.getBoundingClientRect();
        length = Math.min(text.length, Math.max(0, Math.round(((x - left) / width) * text.length)));
        passed = length < text.length;
        parts.before += text.slice(0, length);
      }
      parts.shown += text.slice(length);
      if (ghost) parts.ghost += text;
      else parts.after += text.slice(length);
    }
    return parts;
  }

  const byTop = (elements) => [...elements].sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top));

  /** What is around the cursor of the editor that has the focus; undefined while nothing is drawn. */
  function view() {
    const editor = document.querySelector(".monaco-editor.focused");
    const cursors = editor ? editor.querySelectorAll(".cursors-layer .cursor") : [];
    if (cursors.length !== 1) return undefined;
    const top = cursors[0].style.top;
    const lines = byTop(editor.querySelectorAll(".lines-content > .view-lines > .view-line"));
    const at = lines.findIndex((line) => line.style.top === top);
    const number = [...editor.querySelectorAll(".margin-view-overlays .line-numbers")].find(
      (element) => element.parentElement.style.top === top,
    );
    if (at < 0 || !number) return undefined;
    const realText = (line) => piecesOf(line).reduce((text, piece) => text + (piece.ghost ? "" : piece.text), "");
    const zone = byTop(editor.querySelectorAll(".view-zones .view-line"));
    return {
      line: Number(number.textContent),
      ...splitAt(lines[at], cursors[0].getBoundingClientRect().left),
      ghostLines: zone.map((line) => plain(line.textContent)),
      below: lines.slice(at + 1).map(realText),
      widget: document.querySelector(".suggest-widget.visible") !== null,
    };
  }

  window.addEventListener(
    "keydown",
    ({ key }) => {
      if (!["Control", "Shift", "Alt", "Meta"].includes(key)) keys.push({ key, at: performance.now() });
    },
    true,
  );

  let last = "";
  new MutationObserver(() =>
    requestAnimationFrame(() => {
      const seen = view();
      if (!seen) return;
      const { line, before, after, shown, ghost, ghostLines } = seen;
      const frame = { line, before, after, shown, ghost, ghostLines };
      const text = JSON.stringify(frame);
      if (text === last) return;
      last = text;
      frames.push({ ...frame, at: performance.now(), keys: keys.length });
    }),
  ).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ["style"],
  });

  window.personView = view;
  window.personRecord = () => ({ keys, frames });
})();
