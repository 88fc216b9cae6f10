/** With which day (YYYYMMDD) and profile (SHA-256 of its content) the queue was last judged. */
export interface ReadinessState {
  readonly day: string;
  readonly profile: string;
}

/** Queued studies that have to be judged again: these, those of these content types or controllers, or all of them. */
export type QueuedRecheck =
  | { readonly kind: 'all' }
  | { readonly kind: 'some'; readonly contentTypes: readonly string[]; readonly controllers: readonly string[] }
  | { readonly kind: 'studies'; readonly studies: readonly string[] };
