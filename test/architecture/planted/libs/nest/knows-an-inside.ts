// planted: libs-by-barrel-from-libs
import { found as inside } from '../engine/innocent';
export const found = inside;
