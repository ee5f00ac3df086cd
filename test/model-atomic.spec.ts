import { describeModel } from './support/model/describe-model.js';

/** An append is all or nothing, as with the embedded engine. */
describeModel('an engine with transactions', true, 20260301);
