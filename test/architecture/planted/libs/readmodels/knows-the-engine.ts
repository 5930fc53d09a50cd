// planted: readmodels-knows-only-domain
import { engine } from '@tender/engine';
export const found = engine;
