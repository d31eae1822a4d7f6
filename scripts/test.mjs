// Runs every check and counts what really ran: `make test`. Each check counts as one test, the suites by
// their own tests. The real suite boots clusters in network namespaces; with CI=true it must not be missing.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const inCi = process.env.CI === "true";
const scratch = mkdtempSync(join(tmpdir(), "quorate-test-"));
const total = { passed: 0, failed: 0, skipped: 0 };

try {
  check("format", ["npm", "run", "--silent", "format:check"]);
  check("lint", ["npm", "run", "--silent", "lint"]);
  check("types", ["npm", "run", "--silent", "typecheck"]);
  check("bundle", ["npm", "run", "--silent", "build"]);
  check("rendered files are current", [process.execPath, "build/quorate.js", "compile", "--check"]);
  suite("quick", ["--config", "vitest.config.ts"]);
  real();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);

function check(name, [command, ...args]) {
  const started = performance.now();
  const { status } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  total[status === 0 ? "passed" : "failed"] += 1;
  console.log(`${status === 0 ? "ok" : "FAILED"}: ${name} (${seconds} s)`);
}

function suite(name, args) {
  const report = join(scratch, `${name}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const command = ["node_modules/vitest/vitest.mjs", "run", ...args, ...reporters];
  const { status } = spawnSync(process.execPath, command, {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const counts = read(report);
  total.passed += counts.passed;
  total.skipped += counts.skipped;
  // A file that could not even be loaded fails without a test of its own.
  total.failed += Math.max(counts.failed, status === 0 ? 0 : 1);
  console.log(
    `${status === 0 ? "ok" : "FAILED"}: ${name} suite, ${counts.passed} passed, ${counts.failed} failed`,
  );
}

function read(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    return {
      passed: numPassedTests,
      failed: numFailedTests,
      skipped: numPendingTests + numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

function real() {
  const { status, stdout, stderr } = spawnSync("scripts/lab-packages.sh", [], {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  process.stdout.write(stdout ?? "");
  if (status === 0) {
    suite("real", ["--config", "vitest.real.config.ts"]);
    return;
  }
  const reason = (stderr ?? "").trim().split("\n").at(-1) || "scripts/lab-packages.sh failed";
  total[inCi ? "failed" : "skipped"] += 1;
  console.log(`${inCi ? "FAILED" : "skipped"}: the real suite: ${reason}`);
}
