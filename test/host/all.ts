// esbuild.mjs puts an import of every *.test.ts in this folder here. They run in the Node and in the web worker extension
// host, so they import no `node:` module: assertions come from chai, files from `vscode.workspace.fs`.
export {};
