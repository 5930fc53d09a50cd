// planted: nothing
import { domain } from '@tender/domain';
import { eventstore } from '@tender/eventstore';
export const found = [domain, eventstore];
