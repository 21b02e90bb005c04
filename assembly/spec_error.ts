// Why a relocation cannot be computed; the TypeScript side has the texts.

export const enum SpecError {
  SYNTAX = -20,
  RANGE = -21,
  NOT_COMPOSITE = -22,
  TOO_DEEP = -23,
  UNNAMED = -24,
  NO_SIZE = -25,
  KIND = -26,
  AMBIGUOUS = -27,
  BITFIELD = -28,
  ANONYMOUS = -29,
}
