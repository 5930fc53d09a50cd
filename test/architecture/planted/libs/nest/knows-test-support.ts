// planted: test-support-only-in-tests
import { embedded } from '@tender/embedded';
export const found = embedded;
