import { load } from "js-yaml";
export function parse(content: string): unknown {
  return load(content);
}
