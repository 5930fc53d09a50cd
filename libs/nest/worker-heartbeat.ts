/** Each worker reports itself under a name that begins so; one of them alive is enough for the API to be ready. */
export const WORKER_HEARTBEATS = 'worker/';

/** A worker that has been silent for this long is taken for gone, ms. */
export const WORKER_SILENT_AFTER_MS = 5_000;
