// planted: no-circular
import type { Back } from './circle-back';
export type There = Back | undefined;
