import { describeModel } from './support/model/describe-model.js';

/** Others come, and processes die, between the streams of one append, as with KurrentDB. */
describeModel('an engine that cuts appends', false, 20260302);
