// planted: psp-knows-only-domain
import { eventstore } from '@tender/eventstore';
export const found = eventstore;
