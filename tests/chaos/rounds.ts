/** How the rounds of chaos differ. @module */

/** What an agent may open in a round. */
export interface RoundKind {
  readonly name: string;
  readonly descriptors: number;
}

/** All of them. */
export const ROUNDS: readonly RoundKind[] = [
  { name: "with as many descriptors as systemd gives", descriptors: 1024 },
  { name: "with fewer descriptors than its clients want", descriptors: 96 },
];
