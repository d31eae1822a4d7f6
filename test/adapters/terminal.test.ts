import { spawnSync } from "node:child_process";
import { EventEmitter } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openTerminal } from "../../src/adapters/terminal.ts";
import { field, printable } from "../../src/report/value-text.ts";
import { BUNDLE } from "../support/real-project.ts";
import { scratchFolder } from "./scratch.ts";

class Stream extends EventEmitter {
  readonly texts: string[] = [];
  write(text: string): void {
    this.texts.push(text);
  }
  fail(code: string): void {
    this.emit("error", Object.assign(new Error(code), { code }));
  }
}

test("a reader that goes away is no error, and the rest is dropped", () => {
  const [stdout, stderr] = [new Stream(), new Stream()];
  const terminal = openTerminal(stdout, stderr);
  terminal.result("one");
  stdout.fail("EPIPE");
  terminal.result("two");
  terminal.progress("still here");
  stderr.fail("EPIPE");
  terminal.progress("nobody");
  expect([stdout.texts, stderr.texts]).toEqual([["one\n"], ["still here\n"]]);
  expect(terminal.hasLost()).toBe(false);
});

test("a full disk is said once on the other stream, and is a loss", () => {
  const [stdout, stderr] = [new Stream(), new Stream()];
  const terminal = openTerminal(stdout, stderr);
  stdout.fail("ENOSPC");
  stdout.fail("ENOSPC");
  terminal.result("lost");
  expect(stdout.texts).toEqual([]);
  expect(stderr.texts).toEqual(["the output cannot be written (ENOSPC)\n"]);
  expect(terminal.hasLost()).toBe(true);
});

/** Runs a line of shell in which `quorate` is this program. */
function shell(line: string): { readonly status: number | null; readonly stderr: string } {
  const text = `quorate() { "${process.execPath}" "${BUNDLE}" "$@"; }\n${line}`;
  const cwd = scratchFolder();
  const { status, stderr } = spawnSync("sh", ["-c", text], { cwd, encoding: "utf8" });
  const code = join(cwd, "code");
  return {
    status: existsSync(code) ? Number(readFileSync(code, "utf8")) : status,
    stderr,
  };
}

describe("the command line", () => {
  test("keeps its exit code and stays quiet when its reader has gone", () => {
    expect(shell("{ sleep 0.2; quorate check; echo $? > code; } | true")).toEqual({
      status: 4,
      stderr: "",
    });
    expect(shell("{ sleep 0.2; quorate version; echo $? > code; } | true")).toEqual({
      status: 0,
      stderr: "",
    });
    expect(shell("{ sleep 0.2; quorate --help; echo $? > code; } | true")).toEqual({
      status: 0,
      stderr: "",
    });
  });

  test.runIf(existsSync("/dev/full"))("exits with 1 when its output cannot be written", () => {
    expect(shell("quorate version > /dev/full")).toEqual({
      status: 1,
      stderr: "the output cannot be written (ENOSPC)\n",
    });
    expect(shell("quorate version 2> /dev/full > /dev/full").status).toBe(1);
    expect(shell("quorate check 2> /dev/full").status).toBe(4);
  });
});

test("a field has no way to leave its line or to show another text than it is", () => {
  const foreign = "a\nb\u{9B}2J\u{1B}[1m\u{202E}c\u{2028}d\u{200B}e\u{7F}";
  expect(field(foreign)).toBe("a?b?2J?[1m?c?d?e?");
  expect(printable(foreign)).toBe("a\nb?2J?[1m?c?d?e?");
  expect(field("naïve 日本 €")).toBe("naïve 日本 €");
});
