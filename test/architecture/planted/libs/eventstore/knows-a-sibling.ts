// planted: eventstore-knows-only-domain
import { readmodels } from '@tender/readmodels';
export const found = readmodels;
