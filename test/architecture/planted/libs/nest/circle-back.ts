// planted: no-circular
import type { There } from './circle-there';
export type Back = There | undefined;
