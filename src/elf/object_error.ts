/** The error for objects that cannot be used. @module */

/** An object file that is malformed, or asks for what is not supported: where, and why. */
export class ObjectError extends Error {
  /** The name of the class. */
  override readonly name = "ObjectError";
  /** The section concerned, or `ELF header`, `section headers` and the like. */
  readonly section: string;
  /** Byte offset in that section. */
  readonly offset: number;

  /**
   * Makes the error, with its message.
   *
   * @param section the section concerned
   * @param offset byte offset in it
   * @param reason what is wrong there
   */
  constructor(section: string, offset: number, reason: string) {
    // Names in it are the object's own, and may hold anything: the message stays one line all the same.
    super(`Cannot use the object: ${section} at offset ${offset}: ${reason}`.replaceAll(/\p{Cc}/gu, "?"));
    this.section = section;
    this.offset = offset;
  }
}
