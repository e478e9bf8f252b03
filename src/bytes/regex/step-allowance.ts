/** How many steps may still be taken. They are counted before they are done. */
export class StepAllowance {
  left = 0;

  /** Takes steps off; false: there are not as many left, nor any from now on. */
  take(steps: number): boolean {
    this.left -= steps;
    return this.left >= 0;
  }
}
