// planted: not-resolvable
import { nothing } from './no-such-file';
export const found = nothing;
