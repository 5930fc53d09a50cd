import { shareStack } from '../stack/shared-stack';
import { BAD_INPUT_VARIABLES } from './bad-input.scenario';
// stops the stack, to read all that it has written
import './card-data.scenario';

shareStack({ ...BAD_INPUT_VARIABLES, LOG_LEVEL: 'trace' });
