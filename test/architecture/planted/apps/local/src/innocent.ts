// planted: nothing
import { embedded } from '@tender/embedded';
import { credentials } from '@tender/embedded/eventstore';
import { found as worker } from '../../worker/src/innocent';
export const found = [embedded, credentials, worker];
