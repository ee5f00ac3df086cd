/** Of the system, as its API tells it. */
export const VERSION = '0.1.0';
