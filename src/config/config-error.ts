import { KuvaError } from '../core/errors.ts';

/** The configuration cannot be used. One line a problem, each naming where, key, value and remedy. */
export class ConfigError extends KuvaError {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[], cause?: unknown) {
    super('CONFIG_INVALID', problems.join('\n'), { problems: problems.length }, cause);
    this.problems = problems;
  }
}
