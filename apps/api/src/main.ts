import { createLogger, runApp } from '@tender/nest';
import { readApiConfig } from './config/environment';
import { startApi } from './process';

const logger = createLogger('api');

void runApp(logger, () => startApi(readApiConfig(process.env), logger));
