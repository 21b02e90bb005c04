/** What each workload is called, means, and asks for. @module */
import type { Workload } from "../causes.ts";
import type { SignalName } from "../signals.ts";

/** What to do: nothing, watch the trend, keep what was recorded (FODC), or observe for longer. */
export type Action = "none" | "watch" | "trigger-fodc" | "observe-longer";

/** Something that the kernel cannot tell. */
export interface Undecidable {
  readonly what: string;
  readonly why: string;
}

/** A workload in words. */
export interface Wording {
  readonly title: string;
  /** What goes on, in a sentence. */
  readonly meaning: string;
  readonly action: Action;
  /** What to do, the first thing first. */
  readonly advice: readonly string[];
  /** Signals that would have told of something else, or of more. */
  readonly looksFor: readonly SignalName[];
  readonly undecidable: readonly Undecidable[];
}

const BLOCK_CACHE: Undecidable = {
  what: "W6, whether the database's own block cache missed",
  why: "the database offers no metric of it; a fall-back to the page cache looks like W4 from here",
};
const DISK: Undecidable = {
  what: "how busy the disk is, and with whose requests",
  why: "only the target's calls are watched: iostat tells of the disk, the database of its compaction",
};
const UNFINISHED: Undecidable = {
  what: "reads that have not come back, and reads of mapped files or by io_uring",
  why: "a call counts when it returns, and only read(2) and pread64(2) are timed",
};
const PIPES: Undecidable = {
  what: "what was read",
  why: "read(2) of a pipe or a socket counts as well, and lasts as long as nobody writes",
};

const CAUSES = ["dontneed", "scanned", "direct", "memcg"] as const;
const PRESSURES = ["addedPages", ...CAUSES] as const;

/** Every workload. */
export const WORDINGS: Readonly<Record<Workload, Wording>> = {
  "W1": {
    title: "sequential reading or background compaction",
    meaning: "Pages stream through the page cache, and reads are as fast as before.",
    action: "none",
    advice: ["Nothing: cache churn alone is normal"],
    looksFor: CAUSES,
    undecidable: [BLOCK_CACHE],
  },
  "W2": {
    title: "pressure on the page cache, reads sustained",
    meaning: "Memory is tight and pages are reclaimed, but reads are as fast as before.",
    action: "watch",
    advice: ["Watch the trend: there is little room left before reads suffer"],
    looksFor: ["dontneed"],
    undecidable: [BLOCK_CACHE],
  },
  "W3": {
    title: "aggressive eviction",
    meaning: "The target has its own pages dropped, reads them again, and waits for them.",
    action: "trigger-fodc",
    advice: [
      "Keep what was recorded (FODC)",
      "Evict less: raise the thresholds by which fadvise(DONTNEED) is called",
      "Rate-limit background work",
      "Look for a query that keeps scanning a large range of time: it refills what is evicted",
    ],
    looksFor: ["scanned", "direct", "memcg"],
    undecidable: [DISK, BLOCK_CACHE],
  },
  "W4": {
    title: "contention, or data that are cold",
    meaning: "Reads wait for the disk, without eviction on request and without want of memory.",
    action: "trigger-fodc",
    advice: [
      "Keep what was recorded (FODC)",
      "Run fewer compactions at a time, or keep them from the disk of foreground reads",
      "If no other work uses the disk, the data are cold: give the page cache more memory",
    ],
    looksFor: CAUSES,
    undecidable: [DISK, BLOCK_CACHE],
  },
  "W5": {
    title: "memory pressure",
    meaning: "Memory is short: the target has to reclaim pages itself, and loses those that it reads.",
    action: "trigger-fodc",
    advice: [
      "Keep what was recorded (FODC)",
      "Raise the memory limit of the container, or free memory of the machine",
      "Use less memory in the background: fewer or smaller compactions, smaller buffers",
    ],
    looksFor: ["dontneed"],
    undecidable: [BLOCK_CACHE],
  },
  "unexplained": {
    title: "slower reads without a cause that the kernel shows",
    meaning: "Reads have become slower, but hardly anything came into the page cache that they waited for.",
    action: "trigger-fodc",
    advice: [
      "Keep what was recorded (FODC)",
      "Look at the processor: throttling by a CPU limit, and run queues",
      "If the database reads past the page cache (O_DIRECT), look at the disk",
    ],
    looksFor: PRESSURES,
    undecidable: [PIPES, DISK, BLOCK_CACHE],
  },
  "no change": {
    title: "no change",
    meaning: "Reads are as fast as before, and the page cache is as busy as before.",
    action: "none",
    advice: ["Nothing"],
    looksFor: PRESSURES,
    undecidable: [BLOCK_CACHE],
  },
  "not enough data": {
    title: "not enough data",
    meaning: "There were too few reads, or too little time, to compare anything.",
    action: "observe-longer",
    advice: [
      "Observe for longer, or while the database has something to read; of a dump, take a longer period: " +
      "/recorder?last=1h",
      "If no read call is there at all: iomonitor, which times them, has to be in collector.modules",
    ],
    looksFor: [],
    undecidable: [UNFINISHED, BLOCK_CACHE],
  },
};
