import type { Out } from "../core/ports.ts";
import { errorCode } from "./read-text-file.ts";

/** A stream to write to, as far as speaking needs it. */
export interface TextStream {
  write(text: string): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** An {@link Out} that survives the loss of its streams. */
export interface Terminal extends Out {
  /** Whether something that was said is lost for another reason than that its reader went away. */
  readonly hasLost: () => boolean;
}

/**
 * Results on standard output, progress and logs on standard error. A reader that goes away (EPIPE) is no
 * error: what it would have read is dropped, and a command that writes to clusters goes on to its end. Any
 * other failure is said once, where there is still a way to say it.
 */
export function openTerminal(stdout: TextStream, stderr: TextStream): Terminal {
  let hasLost = false;
  const lost = (error: Error): void => {
    if (errorCode(error) !== "EPIPE") hasLost = true;
  };
  const progress = openLines(stderr, lost);
  const result = openLines(stdout, (error) => {
    lost(error);
    if (hasLost) progress(`the output cannot be written (${errorCode(error)})`);
  });
  return { result, progress, hasLost: () => hasLost };
}

/** Writes lines until the stream fails, and nothing after that. */
function openLines(stream: TextStream, onLoss: (error: Error) => void): (text: string) => void {
  let isOpen = true;
  stream.on("error", (error) => {
    if (!isOpen) return;
    isOpen = false;
    onLoss(error);
  });
  return (text) => {
    if (isOpen) stream.write(`${text}\n`);
  };
}
