/** Of the package: a test holds it to package.json, which would have to be found and read at every start. */
export const VERSION = '0.1.0';
