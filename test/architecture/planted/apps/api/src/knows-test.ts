// planted: nothing-knows-test
import { found as test } from '../../../test/e2e/innocent';
export const found = test;
