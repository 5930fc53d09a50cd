// planted: no-dev-dependency-in-production
import fc from 'fast-check';
export const found = fc;
