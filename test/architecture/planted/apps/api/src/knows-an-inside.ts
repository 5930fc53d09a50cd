// planted: libs-by-barrel-from-outside
import { found as inside } from '../../../libs/engine/innocent';
export const found = inside;
