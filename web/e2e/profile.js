import { PairServer } from './pair.js';
import { Server } from './server.js';

/** Whether stories that hold in every profile are told on the servers of `bin/cluster`. */
export const onCluster = process.argv.includes('--profile=cluster');

/** Starts the server that a story is told on. */
export const startServer = (options) => (onCluster ? PairServer : Server).start(options);
