/**
 * What all metrics of a source may take together, whatever comes: what one gives back, another one may have. Memory is
 * bounded by it, since whoever sends chooses names, tags and members of sets.
 */
export class SeriesBudget {
  /** How many more series, bytes of their tags, and members of sets there may be. */
  series: number;
  tagBytes: number;
  members: number;

  constructor(limits: { readonly series: number; readonly tagBytes: number; readonly members: number }) {
    this.series = limits.series;
    this.tagBytes = limits.tagBytes;
    this.members = limits.members;
  }

  /** Takes what a series with that many bytes of tags needs; false: there is not so much. */
  takeSeries(tagBytes: number): boolean {
    if (this.series < 1 || this.tagBytes < tagBytes) return false;
    this.series--;
    this.tagBytes -= tagBytes;
    return true;
  }

  giveBackSeries(tagBytes: number): void {
    this.series++;
    this.tagBytes += tagBytes;
  }
}
