// `npm test`: the static checks, then every vitest project; ends with one line "N passed, N failed[, N skipped]".
// Arguments go to vitest, so `npm test -- ledger/modules` runs a part. GLASSTOWN_TEST_ONLY=unit|cluster|browser|checks picks a part.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const root = join(import.meta.dirname, "..");
const binary = (name: string): string => join(root, "node_modules", ".bin", name);
const failureLinesMax = 12;
const wanted = process.env["GLASSTOWN_TEST_ONLY"] ?? "";
const total: Count = { passed: 0, failed: 0, skipped: 0 };
/** What failed, told once more at the end, where whoever reads only the last lines finds it. */
const failures: string[] = [];

function check(label: string, name: string, parameters: readonly string[]): void {
  const started = Date.now();
  const result = spawnSync(binary(name), parameters, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (result.status === 0) {
    total.passed++;
    console.log(`ok      ${label} (${seconds} s)`);
    return;
  }
  total.failed++;
  failures.push(label);
  console.log(`FAILED  ${label} (${seconds} s)`);
  console.log(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`.slice(-20_000));
}

/** A file in vitest's JSON report. */
interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages: readonly string[];
  }[];
}

function failuresOf({ name, status, message, assertionResults }: FileResult): string[] {
  const file = relative(root, name);
  if (status === "failed" && assertionResults.length === 0) return [`${file}\n${message}`];
  return assertionResults
    .filter((test) => test.status === "failed")
    .map(({ fullName, failureMessages }) => `${file} > ${fullName}\n${failureMessages.join("\n")}`);
}

function vitest(project: string): void {
  const folder = mkdtempSync(join(tmpdir(), "glasstown-test-"));
  const report = join(folder, "report.json");
  const parameters = [
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    "--passWithNoTests",
  ];
  const result = spawnSync(binary("vitest"), [...parameters, ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
  });
  try {
    const summary = JSON.parse(readFileSync(report, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numTodoTests: number;
      testResults: readonly FileResult[];
    };
    for (const file of summary.testResults) failures.push(...failuresOf(file));
    total.passed += summary.numPassedTests;
    // A file that fails before its first test has no failed test to count; it counts as one.
    const brokenFiles = summary.testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.length === 0,
    ).length;
    total.failed += summary.numFailedTests + brokenFiles;
    total.skipped += summary.numPendingTests + summary.numTodoTests;
    // Errors outside tests (an unhandled rejection, say) fail the run without failing a test.
    if (result.status !== 0 && summary.numFailedTests + brokenFiles === 0) {
      total.failed++;
      failures.push(`vitest ${project}: an error outside any test`);
    }
  } catch (error) {
    failures.push(`vitest ${project} wrote no report: ${(error as Error).message}`);
    total.failed++;
  }
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv.length === 2 && (wanted === "" || wanted === "checks")) {
  check("types (tsc)", "tsc", ["-p", "."]);
  check("format, lint and import rules (biome)", "biome", ["check", "."]);
  check("dead files and exports (knip)", "knip", []);
}
if (wanted === "" || wanted === "unit") vitest("unit");
if (wanted === "" || wanted === "cluster") vitest("cluster");
if (wanted === "" || wanted === "browser") vitest("browser");

const linesOf = (failure: string): string =>
  failure
    .split("\n")
    .filter((line) => !line.includes("/node_modules/"))
    .slice(0, failureLinesMax)
    .join("\n        ");
for (const failure of failures) console.log(`FAILED  ${linesOf(failure)}`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
