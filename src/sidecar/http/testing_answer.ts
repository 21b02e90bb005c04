/** Reading answers in tests. @module */
import type { HttpAnswer } from "./answer.ts";

/** The whole body as text. */
export async function bodyText({ body }: HttpAnswer): Promise<string> {
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of body) text += decoder.decode(piece, { stream: true });
  return text;
}
