export { startMongo, type MongoOptions, type RunningMongo } from './server';
export { DirectoryRefused } from './storage/directory';
