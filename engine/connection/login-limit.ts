/**
 * How many logins may be under way at once. As many as are wanted, until a host drops one because too many are
 * (MaxStartups of sshd, also of one that many hosts are reached through): then half as many, and slowly more again with
 * those that succeed.
 */
export class LoginLimit {
  private limit = Infinity
  private underWay = 0
  /** Times it was lowered: a login that began before says nothing of the limit that holds now. */
  private round = 0
  private readonly waiting: (() => void)[] = []

  /**
   * Logs in when it may.
   * @param dropped  whether an error says that the host had too many logins
   */
  async run<Result>(logIn: () => Promise<Result>, dropped: (error: unknown) => boolean): Promise<Result> {
    while (this.underWay >= Math.floor(this.limit))
      await new Promise<void>((resolve) => this.waiting.push(resolve))
    this.underWay++
    const { round } = this
    try {
      const result = await logIn()
      this.limit += 1 / this.limit
      return result
    } catch (error) {
      if (dropped(error) && round === this.round) this.shrink()
      throw error
    } finally {
      this.underWay--
      for (const next of this.waiting.splice(0, Math.max(0, Math.floor(this.limit) - this.underWay))) next()
    }
  }

  private shrink(): void {
    this.limit = Math.max(1, Math.min(this.limit, this.underWay) / 2)
    this.round++
  }
}
