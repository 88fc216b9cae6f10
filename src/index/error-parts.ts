import { KuvaError } from '../core/errors.ts';
import type { ErrorFacts } from '../core/errors.ts';

/** An error crosses threads as its parts: classes do not survive the copy. */
export interface ErrorParts {
  readonly code: string;
  readonly message: string;
  readonly facts: ErrorFacts;
}

export function errorParts(error: Error): ErrorParts {
  if (error instanceof KuvaError) return { code: error.code, message: error.message, facts: error.facts };
  return { code: 'INDEX_INTERNAL', message: error.message, facts: { stack: error.stack } };
}
