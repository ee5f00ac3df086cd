/**
 * Text in a header of ASCII without control characters: percent-encoded UTF-8, as CloudEvents asks for in its bindings to NATS and HTTP
 * (3.1.3.2). Blanks within stay, so that `content-type` reads as ever; every receiver that decodes gets the same text.
 */
export const encodeHeader = (text: string): string => text.replace(/[^ -~]|%|^ | $/gu, encodeURIComponent);

/** What is no encoding stays as it is. */
export function decodeHeader(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
