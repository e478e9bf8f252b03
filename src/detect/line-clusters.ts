/** Lines that differ in their variable parts only. */
export interface LineCluster {
  /** Which one it is, counted from 1 in the order in which they were found. */
  readonly number: number;
  /** The words of the lines; undefined: this one differs, or looks as if it would. */
  readonly words: readonly (string | undefined)[];
  readonly count: number;
  /** The first of them, cut to its first 1,000 characters. */
  readonly example: string;
}

interface OpenCluster {
  readonly number: number;
  words: (string | undefined)[];
  count: number;
  readonly example: string;
}

const MAX_LINE_LENGTH = 1000;
const MAX_WORDS = 64;
/** Clusters that a line is compared with. */
const MAX_PER_LEAF = 32;
const MAX_CLUSTERS = 512;
/** The share of words that two lines of a cluster have in common. */
const MIN_SIMILARITY = 0.5;

/**
 * Finds kinds of lines without knowing anything of them: a line joins the cluster with as many words, the same first
 * word, and the most other words in common, if these are half of them at least; otherwise it begins a cluster. Words
 * with digits count as variable from the start.
 *
 * O(length of the line) with a constant of up to 32 clusters, and bounded memory: when 512 clusters are there, lines
 * that fit none are only counted.
 */
export class LineClusters {
  readonly #leaves = new Map<string, OpenCluster[]>();
  #clusters = 0;
  #others = 0;

  /** Adds a line; of a text of several lines, the first. Returns the number of its cluster; 0: there is no room for it. */
  add(text: string): number {
    const line = (/^[^\r\n]*/.exec(text.slice(0, MAX_LINE_LENGTH))?.[0] ?? '').trim();
    const words = line.split(/\s+/, MAX_WORDS).map((word) => (isVariable(word) ? undefined : word));
    const key = `${words.length} ${words.find((word) => word !== undefined) ?? ''}`;
    const leaf = this.#leaves.get(key) ?? [];
    const near = nearest(leaf, words);
    if (near !== undefined) {
      near.count++;
      near.words = near.words.map((word, i) => (word === words[i] ? word : undefined));
      return near.number;
    }
    if (leaf.length === MAX_PER_LEAF || this.#clusters === MAX_CLUSTERS) {
      this.#others++;
      return 0;
    }
    leaf.push({ number: ++this.#clusters, words, count: 1, example: line });
    this.#leaves.set(key, leaf);
    return this.#clusters;
  }

  /** How many lines were left out for want of room. */
  get others(): number {
    return this.#others;
  }

  /** The clusters, those with most lines first. */
  list(): LineCluster[] {
    return [...this.#leaves.values()].flat().sort((a, b) => b.count - a.count);
  }
}

/** A number, an address, an id: whatever has a digit. */
function isVariable(word: string): boolean {
  return /\d/.test(word);
}

function nearest(clusters: readonly OpenCluster[], words: readonly (string | undefined)[]): OpenCluster | undefined {
  let best: OpenCluster | undefined;
  let most = Math.ceil(MIN_SIMILARITY * words.length) - 1;
  for (const cluster of clusters) {
    let common = 0;
    for (let i = 0; i < words.length; i++) if (cluster.words[i] === words[i]) common++;
    if (common > most) [best, most] = [cluster, common];
  }
  return best;
}

/** The cluster as a line with `<*>` for what differs: `WARN <*> pool <*> exhausted`. */
export function templateOf({ words }: LineCluster): string {
  return words.map((word) => word ?? '<*>').join(' ');
}
