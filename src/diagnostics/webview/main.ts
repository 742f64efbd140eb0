import { tabs, type Tab, type ToPage, type ToPanel } from "../protocol";
import { element } from "./dom";
import { engineActions, renderEngine } from "./engineTab";
import { renderNextToken } from "./nextTokenTab";
import { TabBar } from "./tabBar";

/** What is kept while the panel is hidden, and over a reload of the window. */
interface PageState {
  readonly tab: Tab;
}

declare function acquireVsCodeApi(): {
  postMessage(message: ToPanel): void;
  getState(): PageState | undefined;
  setState(state: PageState): void;
};

const vscode = acquireVsCodeApi();
const nextToken = element("div", {});
const engine = element("div", {});

const bar = new TabBar<Tab>(
  [
    { id: "nextToken", title: "Next Token", content: nextToken },
    {
      id: "engine",
      title: "Engine",
      content: element(
        "div",
        {},
        engine,
        engineActions((command) => vscode.postMessage({ kind: "run", command })),
      ),
    },
  ],
  (tab) => {
    vscode.setState({ tab });
    vscode.postMessage({ kind: "show", tab });
  },
);

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  switch (data.kind) {
    case "nextToken":
      nextToken.replaceChildren(...renderNextToken(data.view));
      break;
    case "engine":
      engine.replaceChildren(...renderEngine(data.view));
      break;
  }
});

document.getElementById("app")?.replaceWith(bar.element);
const tab = tabs.find((known) => known === vscode.getState()?.tab) ?? tabs[0];
bar.show(tab);
vscode.postMessage({ kind: "show", tab });
