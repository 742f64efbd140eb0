/**
 * One stop of the Tab key for a group of elements; the arrow keys, Home and End move inside it.
 * @param selector which elements below `container` belong to the group, in document order
 * @param rowLength how many of them make a row, between which the up and down arrows move; 1 for a plain list
 * @returns brings the tab stop in order after the elements changed
 */
export function rove(container: HTMLElement, selector: string, rowLength = 1): () => void {
  const elements = () => [...container.querySelectorAll<HTMLElement>(selector)];
  const settle = (stop: HTMLElement | undefined) => {
    for (const element of elements()) element.tabIndex = element === stop ? 0 : -1;
  };
  container.addEventListener("keydown", (event) => {
    const all = elements();
    const now = all.findIndex((element) => element === document.activeElement);
    if (now < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = all[targets(now, all.length, rowLength)[event.key] ?? -1];
    if (!target) return;
    event.preventDefault();
    target.focus();
  });
  container.addEventListener("focusin", ({ target }) => {
    const entered = elements().find((element) => element === target);
    if (entered) settle(entered);
  });
  return () => {
    const all = elements();
    settle(
      all.find((element) => element === document.activeElement) ??
        all.find((element) => element.getAttribute("aria-selected") === "true") ??
        all[0],
    );
  };
}

function targets(now: number, length: number, rowLength: number): Readonly<Record<string, number>> {
  return {
    ArrowRight: now + 1,
    ArrowLeft: now - 1,
    ArrowDown: now + rowLength,
    ArrowUp: now - rowLength,
    Home: 0,
    End: length - 1,
  };
}
