// planted: nothing
import { v5 } from 'uuid';
export const found = v5;
