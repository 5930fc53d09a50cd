import { describeUnless } from '../../not-run';
import { openAt, openEmbedded } from './open-server';
import { describeReadModels } from './read-models.contract';

describe('read models on the embedded server', () => {
  describeReadModels(openEmbedded, true);
});

const uri = process.env.MONGODB_URI;
describeUnless(
  uri === undefined ? 'MONGODB_URI=mongodb://… npm test' : undefined,
  'read models on the server at MONGODB_URI',
  () => {
    describeReadModels(() => Promise.resolve(openAt(uri ?? '')), false);
  },
);
