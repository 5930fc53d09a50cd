// planted: engine-knows-only-domain-and-eventstore
import type { psp } from '@tender/psp';
export type Found = typeof psp;
