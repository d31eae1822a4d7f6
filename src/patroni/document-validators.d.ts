/** Made by `scripts/document-validators.ts` whenever Quorate is built or tested. */
declare module "virtual:document-validators" {
  /** One thing that is wrong with a value, as ajv tells it without its words. */
  export interface SchemaError {
    /** Where the value stands, as a JSON pointer. */
    readonly instancePath: string;
    readonly keyword: string;
    readonly params: Readonly<Record<string, unknown>>;
    /** The key that the mistake is about, where it is not about a value. */
    readonly propertyName?: string;
  }

  /** True for a value that fits; else `errors` holds what does not, until the next call. */
  export interface Validator {
    (value: unknown): boolean;
    readonly errors?: readonly SchemaError[] | null;
  }

  /** By the name that `validatorName` gives. */
  export const validators: Readonly<Record<string, Validator | undefined>>;
}
