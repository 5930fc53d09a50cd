/** Under this name workers report themselves, and the API asks for it before it calls itself ready. */
export const WORKER_HEARTBEAT = 'worker';

/** A worker that has been silent for this long is taken for gone, ms. */
export const WORKER_SILENT_AFTER_MS = 5_000;
