import type { Diagnostic } from "./diagnostic.ts";
import { fileFailureText, type FileFailure } from "./ports.ts";

/** The finding for a file that could not be read. */
export function unreadableFile(path: string, failure: FileFailure): Diagnostic {
  return {
    rule: "QUO001",
    severity: "error",
    message: `the file cannot be read (${fileFailureText(failure)})`,
    at: { file: path, line: 1, col: 1 },
    hint: "make it a readable text file",
  };
}

/** The finding for a folder that could not be looked into: what it holds is not known. */
export function unreadableFolder(path: string, failure: FileFailure): Diagnostic {
  return {
    rule: "QUO001",
    severity: "error",
    message: `the folder cannot be read (${fileFailureText(failure)})`,
    at: { file: path, line: 1, col: 1 },
    hint: "make it a folder that you may read; links to folders are not followed",
  };
}
