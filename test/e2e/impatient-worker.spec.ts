import { shareStack } from '../stack/shared-stack';
import './two-psps.scenario';
import { CALL_TIMEOUT_MS } from './unknown-outcome.scenario';

shareStack({ PSP_CALL_TIMEOUT_MS: String(CALL_TIMEOUT_MS) });
