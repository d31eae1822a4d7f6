import { Bug } from "../core/bug.ts";
import { parseDuration, type Seconds } from "../core/units.ts";

/** The seconds of a duration that its schema has let pass. */
export function secondsOf(text: string): Seconds {
  const duration = parseDuration(text);
  if (!duration.ok) throw new Bug(`the schema let a duration pass: ${duration.error}`);
  return duration.value;
}
