import { KuvaError } from '../core/errors.ts';

/** A file that cannot be imported; the message says why without naming a patient. */
export class ImportRefusal extends KuvaError {
  override readonly name = 'ImportRefusal';
}
