import { shareStack } from '../stack/shared-stack';
// before there are disputes: notices of those are unread as long as nobody may ask the PSP whose they are
import './command-line.scenario';
import './refunds.scenario';
// leaves a PSP silent, and looks at last whether all is what the streams say
import './resolve.scenario';

shareStack();
