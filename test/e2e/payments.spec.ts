import { shareStack } from '../stack/shared-stack';
// the first on its stack, as it knows the books to the last cent
import { LEDGER_VARIABLES } from './ledger.scenario';
import './first-payment.scenario';
import './captures-and-returns.scenario';
import './webhooks.scenario';

shareStack(LEDGER_VARIABLES);
