import { writeFile } from "node:fs/promises";
import path from "node:path";

// code-server is installed without compiling its native modules. Without these two the editor runs, but it writes no log
// files and fills its console with stack traces; plain JavaScript does what they do well enough for a test.

/** In place of `@vscode/spdlog`: loggers that append to a file. */
const SPDLOG = `const fs = require("node:fs");
const path = require("node:path");

class Logger {
  constructor(type, name, file) {
    this.level = 0;
    this.raw = false;
    this.stream = file ? fs.createWriteStream(file, { flags: "a" }) : process.stdout;
    this.stream.on("error", () => {});
  }
  write(level, name, message) {
    if (level < this.level) return;
    this.stream.write(this.raw ? message : new Date().toISOString() + " [" + name + "] " + message + "\\n");
  }
  trace(message) { this.write(0, "trace", message); }
  debug(message) { this.write(1, "debug", message); }
  info(message) { this.write(2, "info", message); }
  warn(message) { this.write(3, "warning", message); }
  error(message) { this.write(4, "error", message); }
  critical(message) { this.write(5, "critical", message); }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() { this.raw = true; }
  flush() {}
  drop() { this.stream.end(); }
}

async function create(name, file) {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  return new Logger("rotating", name, file);
}

exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
`;

/** In place of `native-watchdog`, which ends an extension host whose server has died: by asking every five seconds. */
const WATCHDOG = `exports.start = (pid) => {
  setInterval(() => {
    try { process.kill(pid, 0); } catch { process.exit(87); }
  }, 5000).unref();
};
exports.exit = (code) => process.exit(code || 0);
`;

/** @param vscode code-server's `lib/vscode`. */
export async function replaceNativeModules(vscode: string): Promise<void> {
  const modules = path.join(vscode, "node_modules", "@vscode");
  await writeFile(path.join(modules, "spdlog", "index.js"), SPDLOG);
  await writeFile(path.join(modules, "native-watchdog", "index.js"), WATCHDOG);
}
