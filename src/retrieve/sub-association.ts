import type { Association } from '../dimse/association.ts';

/** What a sub-operation needs of an association. `store` rejects only when the association is lost. */
export type StoreAssociation = Pick<Association, 'contexts' | 'store' | 'allSent'>;

/** An association that a route has opened and therefore ends. */
export type OwnedAssociation = Pick<Association, 'contexts' | 'store' | 'allSent' | 'release' | 'abort' | 'isOpen'>;
