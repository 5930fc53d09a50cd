// planted: no-undeclared-package
import { parse } from 'acorn';
export const found = parse;
