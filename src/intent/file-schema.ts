import { z } from "zod";
import { isJsonObject, type JsonObject } from "../core/json.ts";

/**
 * The JSON Schema (draft 2020-12) of a file that people write, made from the type by which it is read, so that
 * editors complete and explain its keys. What only a function can say is not in it: `quorate check` says more.
 */
export function fileSchema(type: z.ZodType, title: string): JsonObject {
  const made: unknown = JSON.parse(JSON.stringify(z.toJSONSchema(type, { io: "input" })));
  const { $schema = "", ...schema } = isJsonObject(made) ? made : {};
  return { $schema, title, ...schema };
}
