import assert from "node:assert/strict";
import { holdsSecrets } from "../../../../src/completion/core/secrets";

describe("files that hold secrets", () => {
  it("are known by their names, in any folder and case", () => {
    for (const path of [
      ".env",
      "/work/app/.env.local",
      "prod.env",
      "C:\\keys\\server.PEM",
      "tls/server.key",
      "id_rsa",
      "/home/me/.ssh/id_ed25519.pub",
      "cert.p12",
      ".npmrc",
      "_netrc",
      "aws/credentials",
      "secrets.yaml",
      "app.secret.json",
      "db-passwords.txt",
      "main.tfvars",
      ".envrc",
      "/home/me/.aws/config",
      "C:\\Users\\me\\.ssh\\config",
      ".kube/config",
    ]) {
      assert.ok(holdsSecrets(path), path);
    }
  });

  it("are not files that only talk of them", () => {
    for (const path of [
      "environment.ts",
      "src/keys.ts",
      "keyboard.key.ts",
      "id_rsa/readme.md",
      "passwordField.tsx",
      "secretSanta.py",
      "src/secrets/index.ts",
      "env.d.ts",
      "aws/config.ts",
      ".github/workflows/ci.yml",
    ]) {
      assert.ok(!holdsSecrets(path), path);
    }
  });
});
