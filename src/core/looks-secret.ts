/** Words before a value that make it a secret, and the form of a URL with a password in it. */
const SECRET_TEXT =
  /(?:passw(?:or)?d|pwd|secret|token|api[_-]?key|access[_-]?key|credential)\w*["']?\s*[=:]|authorization:|\bbearer\s|:\/\/[^/\s:@]*:[^@\s]+@|(?:^|\s)(?:--user|-u)\s+\S+:\S+/i;
const SECRET_NAME = /passw|pwd|secret|token|conninfo|credential|api_?key/i;

/** True when a text holds what looks like a secret: such a text is neither stored nor shown. */
export function looksSecret(text: string): boolean {
  return SECRET_TEXT.test(text);
}

/** True when a key by its name may hold a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}
