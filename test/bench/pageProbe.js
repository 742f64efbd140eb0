/* global window, document, performance, requestAnimationFrame, MutationObserver */

// Runs in the workbench's page. For each key that is typed it notes the time from keydown until a frame is drawn that
// shows the key's effect on the text together with ghost text.
(() => {
  const GHOST = ".ghost-text-decoration, .ghost-text-decoration-preview, .ghost-text";
  const keys = [];
  let last;

  /** The text in view, ghost text and all else apart. */
  function read() {
    let text = "";
    let ghost = "";
    for (const line of document.querySelectorAll(".editor-instance .view-line")) {
      const walker = document.createTreeWalker(line, 4);
      while (walker.nextNode()) {
        if (walker.currentNode.parentElement.closest(GHOST)) ghost += walker.currentNode.data;
        else text += walker.currentNode.data;
      }
      text += "\n";
    }
    return { text, ghost };
  }

  window.addEventListener(
    "keydown",
    (event) => {
      if (event.key.length > 1 && event.key !== "Enter") return;
      const { text, ghost } = read();
      last = { key: event.key, at: performance.now(), text, along: ghost.startsWith(event.key), ms: undefined };
      keys.push(last);
    },
    true,
  );

  new MutationObserver(() =>
    requestAnimationFrame(() => {
      if (last === undefined || last.ms !== undefined) return;
      const { text, ghost } = read();
      if (ghost !== "" && text !== last.text) last.ms = performance.now() - last.at;
    }),
  ).observe(document, { subtree: true, childList: true, characterData: true });

  window.gpt2Keys = () => keys.map(({ key, ms, along }) => ({ key, ms, along }));
})();
