// planted: domain-knows-only-itself
import { eventstore } from '@tender/eventstore';
export const found = eventstore;
