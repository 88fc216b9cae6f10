import { KuvaError } from '../core/errors.ts';

/** A citizen asked for something that is not there for them. The message never tells what there is for others. */
export class CitizenError extends KuvaError {
  override readonly name = 'CitizenError';

  constructor(code: string, message: string) {
    super(code, message);
  }
}
