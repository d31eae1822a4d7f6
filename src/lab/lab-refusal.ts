import { err, type Result } from "../core/result.ts";

/** Why the lab did not do what it was asked to. */
export type LabRefusal =
  /** The cluster or its rendered files cannot be booted as they are. */
  | { readonly kind: "bad-input"; readonly message: string; readonly hint?: string }
  /** This machine, or a process in the lab, refused. */
  | {
      readonly kind: "refused";
      readonly message: string;
      readonly hint?: string;
      readonly log?: { readonly path: string; readonly tail: string };
    }
  | { readonly kind: "interrupted"; readonly by: "SIGINT" | "SIGTERM" };

/** A refusal of the world, with a way out when there is one. */
export function refuse(message: string, hint?: string): Result<never, LabRefusal> {
  return err({ kind: "refused", message, ...(hint === undefined ? {} : { hint }) });
}

/** A refusal of what was handed in, with a way out when there is one. */
export function badInput(message: string, hint?: string): Result<never, LabRefusal> {
  return err({ kind: "bad-input", message, ...(hint === undefined ? {} : { hint }) });
}

/** What an interrupted command answers; the abort's reason is the name of the signal. */
export function interruption({ reason }: AbortSignal): Result<never, LabRefusal> {
  return err({ kind: "interrupted", by: reason === "SIGTERM" ? "SIGTERM" : "SIGINT" });
}
