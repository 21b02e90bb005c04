/** A directory that ends with the test. @module */

/** A temporary directory; disposing it removes it with all that is in it. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
  /** The path of a file in it. */
  file(name: string): string;
}

/** Makes a temporary directory. */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await Deno.makeTempDir();
  return {
    path,
    file: (name) => `${path}/${name}`,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
