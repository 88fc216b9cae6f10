import type { SimRule, SimRuleOf, SimScript } from './sim-script.ts';

/** What the conditions of a rule look at. */
export interface RuleFacts {
  readonly callingAet: string;
  readonly study?: string | undefined;
  readonly sopClass?: string | undefined;
  readonly sopInstance?: string | undefined;
}

/** Finds the rule for what has just happened; counts how often each one's conditions held. */
export class RuleBook {
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #met = new Map<SimRule, number>();
  readonly #applied = new Map<SimRule, number>();
  #rules: readonly SimRule[];
  /** C-STORE is answered A700. */
  full: boolean;

  /** `now`: milliseconds, monotonic. */
  constructor(script: SimScript, now: () => number) {
    this.#now = now;
    this.#startedAt = now();
    this.#rules = script.rules;
    this.full = script.full;
  }

  /** Another script from now on; counts begin anew, the time does not. */
  replace(script: SimScript): void {
    this.#rules = script.rules;
    this.full = script.full;
    this.#met.clear();
    this.#applied.clear();
  }

  /** The first rule whose turn it is. */
  match<E extends SimRule['on']>(on: E, facts: RuleFacts): SimRuleOf<E> | undefined {
    let found: SimRuleOf<E> | undefined;
    // Every rule counts, also behind the one that is taken: "the third object" stays the third.
    for (const rule of this.#rules) {
      if (!isAbout(rule, on) || !this.#holds(rule, facts)) continue;
      const met = add(this.#met, rule);
      if (found !== undefined || !isTurn(rule, met)) continue;
      if (rule.times !== null && (this.#applied.get(rule) ?? 0) >= rule.times) continue;
      add(this.#applied, rule);
      found = rule;
    }
    return found;
  }

  #holds(rule: SimRule, facts: RuleFacts): boolean {
    const time = this.#now() - this.#startedAt;
    if (time < rule.after || (rule.until !== null && time >= rule.until)) return false;
    if (rule.callingAet !== null && rule.callingAet !== facts.callingAet) return false;
    if (rule.on !== 'store') return true;
    return (
      (rule.study === null || rule.study === facts.study) &&
      (rule.sopClass === null || rule.sopClass === facts.sopClass) &&
      (rule.sopInstance === null || rule.sopInstance === facts.sopInstance)
    );
  }
}

function isAbout<E extends SimRule['on']>(rule: SimRule, on: E): rule is SimRuleOf<E> {
  return rule.on === on;
}

function isTurn(rule: SimRule, met: number): boolean {
  return (rule.nth === null || met === rule.nth) && (rule.every === null || met % rule.every === 0);
}

function add(counts: Map<SimRule, number>, rule: SimRule): number {
  const next = (counts.get(rule) ?? 0) + 1;
  counts.set(rule, next);
  return next;
}
