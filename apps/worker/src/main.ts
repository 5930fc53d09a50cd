import { createLogger, runApp } from '@tender/nest';
import { readConfiguration } from './configuration';
import { startWorker } from './worker';

const logger = createLogger('worker');

void runApp(logger, () => startWorker(readConfiguration(process.env), logger));
