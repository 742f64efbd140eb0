import * as vscode from "vscode";
import { nameOfLanguage } from "../status/menu";
import { statisticsPage } from "./page";
import { Statistics, type StatisticsOptions } from "./statistics";

const scheme = "gpt2-statistics";
const pageUri = vscode.Uri.from({ scheme, path: "/GPT-2 Statistics.md" });
/** An open page is written anew no more often, in milliseconds. */
const refreshMs = 1000;

/** Counts what becomes of suggestions; registers GPT-2: Show Statistics and GPT-2: Reset Statistics. */
export function registerStatistics(options: StatisticsOptions): vscode.Disposable {
  const statistics = new Statistics(options);
  const page = new StatisticsPage(statistics);
  return vscode.Disposable.from(
    page,
    statistics,
    vscode.commands.registerCommand("gpt2.showStatistics", showPage),
    vscode.commands.registerCommand("gpt2.resetStatistics", () => confirmReset(statistics)),
  );
}

/** The document of the page. */
class StatisticsPage implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #statistics: Statistics;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  #refresh: ReturnType<typeof setTimeout> | undefined;

  constructor(statistics: Statistics) {
    this.#statistics = statistics;
    this.#subscriptions = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      statistics.onDidChange(() => {
        this.#refresh ??= setTimeout(() => this.#write(), refreshMs);
      }),
    ];
  }

  provideTextDocumentContent(): string {
    return statisticsPage(this.#statistics.data, nameOfLanguage, vscode.l10n);
  }

  dispose(): void {
    clearTimeout(this.#refresh);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** The editor reads the page only if it is open. */
  #write(): void {
    this.#refresh = undefined;
    this.#changed.fire(pageUri);
  }
}

/** Shows the page as the editor shows Markdown: with its own colors, zoom and screen reader support. */
async function showPage(): Promise<void> {
  // The preview's command is not in the list of commands before that extension is active; running it activates it.
  const hasPreview = vscode.extensions.getExtension("vscode.markdown-language-features") !== undefined;
  if (hasPreview) await vscode.commands.executeCommand("markdown.showPreview", pageUri);
  else await vscode.window.showTextDocument(pageUri);
}

async function confirmReset(statistics: Statistics): Promise<void> {
  const reset = vscode.l10n.t("Reset");
  const question = vscode.l10n.t("Set the statistics of GPT-2 back to zero?");
  if ((await vscode.window.showWarningMessage(question, { modal: true }, reset)) === reset) await statistics.reset();
}
