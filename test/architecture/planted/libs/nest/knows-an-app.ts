// planted: no-lib-knows-an-app
import { found as api } from '../../apps/api/src/innocent';
export const found = api;
